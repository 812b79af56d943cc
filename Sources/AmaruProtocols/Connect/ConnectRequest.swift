// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// What Connect makes of the head of a request. Worked out once for a head that is sent again and again.
final class ConnectRequest {
  /// The handler; nil when the call is refused.
  private(set) var handler: Handler?
  /// Why the call is refused.
  private(set) var refusal: RPCError?
  /// The type of the bodies.
  let contentType: ConnectContentType
  /// The time that the caller gives the call; nil for no limit.
  private(set) var timeoutNanoseconds: UInt64?
  /// How the request is compressed: all of it, or the messages whose flag says so.
  private(set) var requestCoding = ContentCoding.identity
  /// The codings that the caller reads; nil when it did not say.
  let acceptedCodings: String?
  /// The message of a call by GET.
  private(set) var message: [UInt8]?

  /// A call by POST.
  init(_ head: HTTPHead, _ contentType: ConnectContentType, _ environment: CallEnvironment) {
    self.contentType = contentType
    let isStream = contentType.isStream
    acceptedCodings =
      isStream
      ? head.fields.value("connect-accept-encoding") : head.fields.value("accept-encoding")
    let coding =
      isStream
      ? head.fields.value("connect-content-encoding") : head.fields.value("content-encoding")
    read(
      head, path: head.path, version: head.fields.value("connect-protocol-version"),
      coding: coding, environment)
  }

  /// A call by GET.
  init(_ head: HTTPHead, _ query: ConnectQuery, _ environment: CallEnvironment) {
    acceptedCodings = head.fields.value("accept-encoding")
    contentType = ConnectContentType(unary: query.text("encoding") == "json" ? .json : .binary)
    do throws(RPCError) {
      message = try query.message()
    } catch {
      refusal = error
      return
    }
    let version = query.text("connect").map { $0.hasPrefix("v") ? String($0.dropFirst()) : "" }
    read(
      head, path: query.path, version: version, coding: query.text("compression"), environment)
  }

  private func read(
    _ head: HTTPHead, path: String, version: String?, coding: String?,
    _ environment: CallEnvironment
  ) {
    do throws(RPCError) {
      if head.isTruncated {
        throw RPCError(
          .resourceExhausted,
          "the header list is over the limit of \(environment.limits.maxHeaderFields) fields or "
            + "\(environment.limits.maxHeaderListBytes) bytes")
      }
      if let version, version != "1" {
        throw RPCError(.invalidArgument, "unknown version '\(version)' of Connect; use 1")
      }
      if let timeout = head.fields.value("connect-timeout-ms") {
        guard let milliseconds = Self.milliseconds(timeout) else {
          throw RPCError(.invalidArgument, "malformed connect-timeout-ms '\(timeout)'")
        }
        timeoutNanoseconds = milliseconds * 1_000_000
      }
      let name = coding.flatMap { $0.isEmpty ? nil : $0 } ?? "identity"
      guard let known = ContentCoding(rawValue: name) else {
        throw RPCError(
          .unimplemented, "unknown encoding '\(name)'; use one of \(ContentCoding.acceptList)")
      }
      requestCoding = known
      handler = try environment.router.handler(forPath: path)
    } catch {
      refusal = error
    }
  }

  /// At most ten digits ("Timeout-Milliseconds"), which make no overflow in nanoseconds.
  private static func milliseconds(_ text: String) -> UInt64? {
    let isNumber = text.utf8.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    return isNumber && text.utf8.count <= 10 ? UInt64(text) : nil
  }
}
