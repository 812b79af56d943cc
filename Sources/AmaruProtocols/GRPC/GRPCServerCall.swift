// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// One call of gRPC, or of gRPC-Web behind a ``GRPCWebStream``: enveloped messages in, enveloped messages out.
/// Confined to its loop.
///
/// ```
///   request:  (buffering) --whole message--> (queued) --taken--> credit to the peer
///   response: head --> messages --> trailers             error before the head: trailers only
/// ```
package final class GRPCServerCall: EnvelopedServerCall, @unchecked Sendable {
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: GRPCRequest

  private init(
    _ head: HTTPHead, _ request: GRPCRequest, handler: Handler,
    stream: any HTTPServerStream, environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: request.contentType.codec,
      requestCoding: request.requestCoding, handler: handler, stream: stream,
      environment: environment, connection: connection)
    begin()
  }

  /// Whether `head` has gRPC's content type, and not that of gRPC-Web.
  static func needsHTTP2(_ head: HTTPHead) -> Bool {
    GRPCContentType(head).map { $0.web == nil } ?? false
  }

  /// The handler for a request with the content type of gRPC or gRPC-Web; nil when it has another.
  package static func begin(
    _ head: HTTPHead, on stream: any HTTPServerStream, environment: CallEnvironment,
    connection: any CallConnection
  ) -> (any HTTPRequestHandler)? {
    let request: GRPCRequest
    if let known = head.interpretation, type(of: known) == GRPCRequest.self {
      request = unsafeDowncast(known, to: GRPCRequest.self)
    } else {
      guard let contentType = GRPCContentType(head) else { return nil }
      guard head.method == "POST" else {
        return PlainResponse(405, "Use POST.", fields: [("allow", "POST")], on: stream)
      }
      request = GRPCRequest(
        head, contentType: contentType, router: environment.router, limits: environment.limits)
      head.interpret(request)
    }
    guard let form = request.contentType.web else {
      return begin(head, request, on: stream, environment: environment, connection: connection)
    }
    let filter = GRPCWebStream(form, stream)
    filter.handler = begin(
      head, request, on: filter, environment: environment, connection: connection)
    return filter
  }

  private static func begin(
    _ head: HTTPHead, _ request: GRPCRequest, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> any HTTPRequestHandler {
    guard let handler = request.handler else {
      let refusal = request.refusal ?? RPCError(.internal)
      refused(head, refusal, environment: environment, connection: connection)
      return RefusedCall(refusal, contentType: request.contentType.response, on: stream)
    }
    return GRPCServerCall(
      head, request, handler: handler, stream: stream, environment: environment,
      connection: connection)
  }

  package override func writeHead() {
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    let response = responseMetadata
    responseCoding = chosenCoding(request.acceptedCodings)
    if request.hasUsualHead, response?.initial.isEmpty ?? true {
      stream.sendHead(GRPCFields.head)
      return
    }
    var fields = GRPCFields.head(contentType: request.contentType.response)
    if responseCoding != .identity { fields.add("grpc-encoding", responseCoding.rawValue) }
    if request.acceptedCodings != nil {
      fields.add("grpc-accept-encoding", ContentCoding.acceptList)
    }
    if let response { GRPCFields.add(response.initial, to: &fields) }
    stream.sendHead(fields, end: false)
  }

  package override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    guard let stream else { return }
    let response = responseMetadata
    if error == nil, response?.trailing.isEmpty ?? true {
      writeHead()
      stream.sendTrailers(GRPCFields.success)
      return
    }
    let trailing = response?.trailing ?? Metadata()
    if !isHeadWritten, error != nil {
      isHeadWritten = true
      var fields = GRPCFields.head(contentType: request.contentType.response)
      if let response { GRPCFields.add(response.initial, to: &fields) }
      GRPCFields.add(error, to: &fields)
      GRPCFields.add(trailing, to: &fields)
      stream.sendHead(fields, end: true)
      return
    }
    writeHead()
    if wasCancelled { stream.discardBody() }
    var fields = HTTPFields()
    GRPCFields.add(error, to: &fields)
    GRPCFields.add(trailing, to: &fields)
    stream.sendTrailers(fields)
  }
}
