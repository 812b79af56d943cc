// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// Writes a line for each call of a server when it has ended.
///
/// A line has the fields `call_id`, `method`, `peer`, `code`, `duration_ms`, `received_messages`, `received_bytes`,
/// `sent_messages`, `sent_bytes`, and, where there is something to say, `user_agent` and `error` (the status message).
/// Of a call that no handler saw, `method` is what the peer wrote, cut after 256 bytes.
public struct AccessLog: Sendable {
  private static let maxTextBytes = 256

  let logger: Logger

  /// An access log that gives its lines, at the level `info`, to `logger`.
  public init(_ logger: Logger) { self.logger = logger }

  /// An access log in text, to standard error.
  public static let text = AccessLog(.text())

  /// An access log in JSON, to standard error.
  public static let json = AccessLog(.json())

  func write(_ call: ServerCall, _ error: RPCError?, nanoseconds: UInt64) {
    let traffic = call.trafficSoFar
    logger.log(
      .info, "call",
      [
        LogField("call_id", call.id), LogField("method", call.handler.method.fullName),
        LogField("peer", call.peer), LogField("code", (error?.code ?? .ok).name),
        LogField("duration_ms", Double(nanoseconds / 1000) / 1000),
        LogField("received_messages", traffic.receivedMessages),
        LogField("received_bytes", traffic.receivedBytes),
        LogField("sent_messages", traffic.sentMessages),
        LogField("sent_bytes", traffic.sentBytes),
      ] + Self.rest(call.userAgent, error))
  }

  func write(_ refusal: CallRefusal) {
    logger.log(
      .info, "call refused",
      [
        LogField("method", Self.shortened(refusal.path)), LogField("peer", refusal.peer),
        LogField("code", refusal.error.code.name),
      ] + Self.rest(refusal.userAgent, refusal.error))
  }

  private static func rest(_ userAgent: String?, _ error: RPCError?) -> [LogField] {
    var fields: [LogField] = []
    if let userAgent { fields.append(LogField("user_agent", shortened(userAgent))) }
    if let error, !error.message.isEmpty {
      fields.append(LogField("error", shortened(error.message)))
    }
    return fields
  }

  /// A peer decides how long its texts are.
  private static func shortened(_ text: String) -> String {
    guard text.utf8.count > maxTextBytes else { return text }
    return String(decoding: text.utf8.prefix(maxTextBytes), as: UTF8.self) + "…"
  }
}
