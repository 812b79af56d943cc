// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// What gRPC makes of the head or the trailers of a response. Worked out once for a list that comes again and again.
final class GRPCResponse {
  /// The outcome that `grpc-status` tells: nil in a head that has none.
  let status: Outcome?
  /// Why the call cannot go on after this head; nil when it can.
  let refusal: RPCError?
  /// How the response's messages are compressed, where their flag says that they are.
  let coding: ContentCoding
  /// The other fields.
  let metadata: Metadata

  /// Success (nil), or an error.
  struct Outcome { let error: RPCError? }

  /// What was made of `head` before, or is made now.
  static func of(_ head: HTTPHead, isTrailers: Bool) -> GRPCResponse {
    if let known = head.interpretation as? GRPCResponse { return known }
    let response = GRPCResponse(head, isTrailers: isTrailers)
    head.interpret(response)
    return response
  }

  private init(_ head: HTTPHead, isTrailers: Bool) {
    metadata = GRPCFields.metadata(head.fields)
    status = Self.outcome(head.fields)
    let encoding = head.fields.value("grpc-encoding") ?? "identity"
    coding = ContentCoding(rawValue: encoding) ?? .identity
    if head.isTruncated {
      refusal = RPCError(
        .resourceExhausted, "the header list of the response is over the limit of the client")
    } else if isTrailers || status != nil {
      refusal = nil
    } else if head.status != "200" {
      refusal = RPCError(
        Self.code(httpStatus: head.status), "the server answered with HTTP status \(head.status)")
    } else if !(head.fields.value("content-type") ?? "").hasPrefix("application/grpc") {
      refusal = RPCError(
        .unknown,
        "the response is not gRPC: its content-type is "
          + "'\(head.fields.value("content-type") ?? "")'")
    } else if ContentCoding(rawValue: encoding) == nil {
      refusal = RPCError(
        .internal, "the response has grpc-encoding '\(encoding)', which was not offered")
    } else {
      refusal = nil
    }
  }

  private static func outcome(_ fields: HTTPFields) -> Outcome? {
    guard let text = fields.value("grpc-status") else { return nil }
    if text == "0" { return Outcome(error: nil) }
    let message = fields.value("grpc-message").map(PercentEncoding.decode) ?? ""
    guard let number = Int(text) else {
      return Outcome(error: RPCError(.unknown, "malformed grpc-status '\(text)': \(message)"))
    }
    var error = RPCError(StatusCode(rawValue: number) ?? .unknown, message)
    if let encoded = fields.value("grpc-status-details-bin"),
      let bytes = Base64.decode(Array(encoded.utf8)[...]),
      let status = try? Google_Rpc_Status(decoding: bytes.span.bytes)
    {
      error.details = status.details
    }
    error.metadata = GRPCFields.metadata(fields)
    return Outcome(error: error)
  }

  /// Source: `http-grpc-status-mapping.md` of gRPC.
  private static func code(httpStatus: String) -> StatusCode {
    switch httpStatus {
    case "400": .internal
    case "401": .unauthenticated
    case "403": .permissionDenied
    case "404": .unimplemented
    case "429", "502", "503", "504": .unavailable
    default: .unknown
    }
  }
}
