// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// What plain HTTP makes of the head of a request: a route, and how the two bodies are written. Worked out once for a head that
/// is sent again and again.
/// Source: `docs/protocols/gateway.md`.
final class TranscodedRequest {
  let transcoding: Transcoding
  /// What is added to messages in JSON; nil for nothing.
  let overlay: JSONOverlay?
  /// Whether a body has no meaning (RFC 9110 9.3.1).
  let ignoresBody: Bool
  /// Whether the response has many messages.
  let isStreaming: Bool
  /// Whether messages of the response are sent as their JSON is.
  let hasPlainResponse: Bool
  /// How a response of many messages is written.
  let form: TranscodedResponse.Form
  /// The time that the caller gives the call (`grpc-timeout`); nil for no limit.
  let timeoutNanoseconds: UInt64?
  /// How the body is compressed.
  let requestCoding: ContentCoding
  /// The codings that the caller reads; nil when it did not say.
  let acceptedCodings: String?

  /// The path of a request without its query.
  static func path(of head: HTTPHead) -> String {
    guard let mark = head.path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return head.path }
    return String(head.path[..<mark])
  }

  /// The handler of a request for a route; nil when its path is none of plain HTTP.
  static func begin(
    _ head: HTTPHead, _ bindings: HTTPBindings, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> (any HTTPRequestHandler)? {
    let path = path(of: head)
    func refuse(
      _ status: Int, _ detail: String, _ fields: [(String, String)] = []
    ) -> any HTTPRequestHandler {
      TranscodedResponse.refuse(status, detail, fields, on: stream)
    }
    switch bindings.match(path, method: head.method) {
    case .none:
      if let cure = bindings.cure(path) { return refuse(404, cure) }
      // A path that no method can have: `/package.Service/Method` may be one of Connect.
      guard path.count(where: { $0 == "/" }) != 2 else { return nil }
      return refuse(404, "there is no route for \(head.method) \(path)")
    case .malformed(let segment):
      return refuse(
        400,
        "the segment '\(segment)' of the path cannot be; it must be percent-encoded UTF-8, and no . or .."
      )
    case .otherMethods(let methods):
      let allowed = methods.joined(separator: ", ")
      return refuse(
        405, "\(head.method) is not allowed at \(path); use \(allowed)", [("allow", allowed)])
    case .found(let binding, let segments):
      // A rule for any path does not take those that Connect has for methods.
      if !binding.template.beginsWithLiteral, environment.router.serves(path) { return nil }
      let contentType = head.fields.value("content-type")
      if let wanted = unwanted(contentType, binding) {
        return refuse(
          415, "content-type '\(contentType ?? "")' cannot be read here; send \(wanted)",
          [("accept-post", wanted)])
      }
      do throws(RPCError) {
        let request = try TranscodedRequest(
          head, binding, segments, contentType, environment)
        head.interpret(request)
        return request.begin(head, on: stream, environment: environment, connection: connection)
      } catch {
        HTTPServerCall.refused(head, error, environment: environment, connection: connection)
        TranscodedResponse.fail(stream, error, nil)
        return DroppedRequest()
      }
    }
  }

  private init(
    _ head: HTTPHead, _ binding: HTTPBinding, _ segments: [Substring], _ contentType: String?,
    _ environment: CallEnvironment
  ) throws(RPCError) {
    if head.isTruncated {
      throw RPCError(
        .resourceExhausted,
        "the header list is over the limit of \(environment.limits.maxHeaderFields) fields or "
          + "\(environment.limits.maxHeaderListBytes) bytes")
    }
    let mark = head.path.utf8.firstIndex(of: UInt8(ascii: "?")) ?? head.path.endIndex
    let query = head.path[mark...].dropFirst()
    transcoding = try Transcoding(
      binding, segments: segments, query: query, contentType: contentType)
    overlay = transcoding.overlay
    ignoresBody = head.method == "GET" || head.method == "HEAD"
    isStreaming = !binding.handler.method.kind.hasSingleResponse
    hasPlainResponse = transcoding.hasPlainResponse
    form =
      transcoding.givesRawBody
      ? .raw
      : TranscodedResponse.Form(accept: head.fields.value("accept"), isStream: isStreaming)
    timeoutNanoseconds = try head.fields.value("grpc-timeout").map { text throws(RPCError) in
      guard let timeout = GRPCTimeout.nanoseconds(text) else {
        throw RPCError(.invalidArgument, "malformed grpc-timeout '\(text)'; write it as 500m or 2S")
      }
      return timeout
    }
    acceptedCodings = head.fields.value("accept-encoding")
    let coding = head.fields.value("content-encoding") ?? ""
    guard let known = ContentCoding(rawValue: coding.isEmpty ? "identity" : coding) else {
      throw RPCError(
        .unimplemented,
        "unknown content-encoding '\(coding)'; use one of \(ContentCoding.acceptList)")
    }
    requestCoding = transcoding.takesNoBody ? .identity : known
  }

  /// The handler of a request with this head.
  func begin(
    _ head: HTTPHead, on stream: any HTTPServerStream, environment: CallEnvironment,
    connection: any CallConnection
  ) -> any HTTPRequestHandler {
    let isStream = !transcoding.handler.method.kind.hasSingleRequest && !transcoding.takesNoBody
    guard isStream else {
      return TranscodedCall(
        head, self, stream: stream, environment: environment, connection: connection)
    }
    guard requestCoding == .identity else {
      return TranscodedResponse.refuse(
        415, "a stream of requests cannot be compressed; leave content-encoding out",
        [("accept-encoding", "identity")], on: stream)
    }
    return TranscodedStreamCall(
      head, self, stream: stream, environment: environment, connection: connection)
  }

  /// The content type that a body must have; nil when it has it, or there is none.
  private static func unwanted(_ contentType: String?, _ binding: HTTPBinding) -> String? {
    guard let contentType, !binding.takesAnyBody else { return nil }
    let type = contentType.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    if type == "application/json" { return nil }
    guard !binding.handler.method.kind.hasSingleRequest else { return "application/json" }
    return type == "application/x-ndjson" ? nil : "application/x-ndjson, application/json"
  }
}
