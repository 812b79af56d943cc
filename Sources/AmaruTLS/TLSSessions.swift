// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The last session with each server, which the next connection offers to resume. Any thread.
///
/// They belong to one ``TLSContext``: who has new certificates or trusts others begins anew.
final class TLSSessions: Sendable {
  /// The most servers whose sessions are kept, one each.
  static let maxNames = 64

  private let sessions = Mutex<[String: TLSSession]>([:])

  /// The number of sessions that are kept.
  var count: Int { sessions.withLock { $0.count } }

  /// Keeps a session in place of the last one with the server `name`; another server's makes room where there is none.
  func keep(_ session: TLSSession, for name: String) {
    sessions.withLock { sessions in
      if sessions.count >= Self.maxNames, sessions[name] == nil, let other = sessions.keys.first {
        sessions[other] = nil
      }
      sessions[name] = session
    }
  }

  /// The session to offer to the server `name`. Those of TLS 1.3 are offered once, so that connections cannot be
  /// told to be of one client by them (RFC 8446, appendix C.4).
  func take(_ name: String) -> TLSSession? {
    sessions.withLock { sessions in
      guard let session = sessions[name] else { return nil }
      if session.isForOneUse || !session.isUsable { sessions[name] = nil }
      return session.isUsable ? session : nil
    }
  }
}
