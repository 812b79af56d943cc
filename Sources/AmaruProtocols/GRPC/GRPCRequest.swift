// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// What gRPC makes of the head of a request. Worked out once for a head that is sent again and again.
final class GRPCRequest {
  /// The handler; nil when the call is refused.
  let handler: Handler?
  /// Why the call is refused.
  let refusal: RPCError?
  /// Whether the response's head is the usual one: nothing is to be said of codings.
  let hasUsualHead: Bool
  /// The time that the caller gives the call; nil for no limit.
  let timeoutNanoseconds: UInt64?
  /// How the request's messages are compressed, where their flag says that they are.
  let requestCoding: ContentCoding
  /// The codings that the caller reads; nil when it did not say.
  let acceptedCodings: String?
  /// What the `content-type` says of the call.
  let contentType: GRPCContentType

  /// Interprets `head` of a request whose content type is gRPC's.
  init(_ head: HTTPHead, contentType: GRPCContentType, router: Router, limits: Limits) {
    self.contentType = contentType
    acceptedCodings = head.fields.value("grpc-accept-encoding")
    hasUsualHead = acceptedCodings == nil && contentType.response == "application/grpc"
    let encoding = head.fields.value("grpc-encoding") ?? "identity"
    requestCoding = ContentCoding(rawValue: encoding) ?? .identity
    let timeout = head.fields.value("grpc-timeout")
    timeoutNanoseconds = timeout.flatMap(GRPCTimeout.nanoseconds)
    do throws(RPCError) {
      if head.isTruncated {
        throw RPCError(
          .resourceExhausted,
          "the header list is over the limit of \(limits.maxHeaderFields) fields or "
            + "\(limits.maxHeaderListBytes) bytes")
      }
      guard ContentCoding(rawValue: encoding) != nil else {
        throw RPCError(
          .unimplemented,
          "grpc-encoding '\(encoding)' is not supported; use one of \(ContentCoding.acceptList)")
      }
      guard timeout == nil || timeoutNanoseconds != nil else {
        throw RPCError(.internal, "malformed grpc-timeout '\(timeout ?? "")'")
      }
      handler = try router.handler(forPath: head.path)
      refusal = nil
    } catch {
      handler = nil
      refusal = error
    }
  }
}
