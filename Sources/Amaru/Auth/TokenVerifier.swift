// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTLS
import Synchronization

/// Verifies tokens with the keys as they are now, and remembers the ones that it has verified. Any thread.
final class TokenVerifier: Sendable {
  /// The tokens that are remembered; with more, all are forgotten.
  static let maxRemembered = 1024
  /// The keys that one token is tried with, where it names none.
  private static let maxTrials = 16
  /// The time between two looks at the files.
  private static let lookInterval: Duration = .seconds(1)

  private struct State {
    var keys: [TokenKey]
    var stamps: [FileStamp?]
    var looked: ContinuousClock.Instant
    var verified: [String: Token] = [:]
    /// How many signatures were checked.
    var checks = 0
  }

  private let source: TokenKeys
  private let files: [String]
  private let logger: Logger
  private let state: Mutex<State>

  /// Reads the keys.
  /// - Throws: ``TLSError`` that names the file and what is wrong with it.
  init(_ source: TokenKeys, logger: Logger) throws(TLSError) {
    self.source = source
    self.logger = logger
    files = source.files
    let stamps = files.map(FileStamp.init(path:))
    state = Mutex(State(keys: try source.load(), stamps: stamps, looked: .now))
  }

  /// How many signatures were checked so far.
  var checkCount: Int { state.withLock { $0.checks } }

  /// The claims of a token whose signature is right. Its times are not looked at.
  func verify(_ text: String) throws(TokenError) -> Token {
    let known = state.withLock { state -> (Token?, [TokenKey]) in
      lookAgain(&state)
      return (state.verified[text], state.keys)
    }
    if let token = known.0 { return token }
    let signed = try SignedToken(text)
    try check(signed, known.1)
    let token = try Token(signed.claims)
    state.withLock { state in
      if state.verified.count >= Self.maxRemembered { state.verified.removeAll() }
      state.verified[text] = token
    }
    return token
  }

  private func check(_ token: SignedToken, _ keys: [TokenKey]) throws(TokenError) {
    guard let algorithm = token.algorithm else { throw .unknownKey }
    var candidates = keys.filter { $0.key.algorithm == algorithm }
    if let id = token.keyID { candidates.removeAll { $0.id != nil && $0.id != id } }
    guard !candidates.isEmpty else { throw .unknownKey }
    for candidate in candidates.prefix(Self.maxTrials) {
      state.withLock { $0.checks += 1 }
      if candidate.key.verifies(token.signature, of: token.signed) { return }
    }
    throw .badSignature
  }

  private func lookAgain(_ state: inout State) {
    guard !files.isEmpty, state.looked.duration(to: .now) >= Self.lookInterval else { return }
    state.looked = .now
    let stamps = files.map(FileStamp.init(path:))
    guard stamps != state.stamps else { return }
    state.stamps = stamps
    do throws(TLSError) {
      state.keys = try source.load()
      state.verified.removeAll()
      logger.log(.info, "tokens: the keys were read again: \(files.joined(separator: ", "))")
    } catch {
      logger.log(.error, "tokens: the keys in use stay so: \(error)")
    }
  }
}
