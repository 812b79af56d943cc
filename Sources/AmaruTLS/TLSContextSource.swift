// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Synchronization

/// Gives each new connection the context of the files as they are now. Any thread.
package final class TLSContextSource: Sendable {
  private struct State {
    var context: TLSContext
    var stamps: [FileStamp?]
    var looked: UInt64
  }

  /// The time between two looks at the files.
  private static let lookNanoseconds: UInt64 = 1_000_000_000

  private let load: @Sendable () throws(TLSError) -> TLSContext
  private let files: [String]
  private let logger: Logger
  private let state: Mutex<State>

  /// Reads what a server needs; `now` is in nanoseconds of any steady clock.
  /// - Throws: ``TLSError`` when it cannot be used.
  package convenience init(
    _ settings: ServerTLS, logger: Logger, now: UInt64
  ) throws(TLSError) {
    try self.init(settings.files, logger, now) { () throws(TLSError) in try TLSContext(settings) }
  }

  /// Reads what a client needs; `now` is in nanoseconds of any steady clock.
  /// - Throws: ``TLSError`` when it cannot be used.
  package convenience init(
    _ settings: ClientTLS, logger: Logger, now: UInt64
  ) throws(TLSError) {
    try self.init(settings.files, logger, now) { () throws(TLSError) in try TLSContext(settings) }
  }

  private init(
    _ files: [String], _ logger: Logger, _ now: UInt64,
    load: @escaping @Sendable () throws(TLSError) -> TLSContext
  ) throws(TLSError) {
    self.files = files
    self.logger = logger
    self.load = load
    // Looked at before they are read: a change in between is seen at the next look.
    let stamps = files.map(FileStamp.init(path:))
    let context = try load()
    for warning in context.warnings { logger.log(.warning, warning) }
    state = Mutex(State(context: context, stamps: stamps, looked: now))
  }

  /// The context for a connection that begins now.
  package func context(now: UInt64) -> TLSContext {
    state.withLock { state in
      guard !files.isEmpty, now > state.looked, now - state.looked >= Self.lookNanoseconds else {
        return state.context
      }
      state.looked = now
      let stamps = files.map(FileStamp.init(path:))
      guard stamps != state.stamps else { return state.context }
      state.stamps = stamps
      reload(&state)
      return state.context
    }
  }

  private func reload(_ state: inout State) {
    do throws(TLSError) {
      let new = try load()
      guard new.warnings.isEmpty || !state.context.warnings.isEmpty else {
        throw TLSError(new.warnings.joined(separator: "; "))
      }
      for warning in new.warnings { logger.log(.warning, warning) }
      state.context = new
      logger.log(.info, "TLS: read again: \(files.joined(separator: ", "))")
    } catch {
      logger.log(.error, "TLS: the certificates in use stay so: \(error)")
    }
  }
}
