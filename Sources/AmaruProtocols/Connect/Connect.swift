// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// Connect, of which a call is told by its content type, or by its query with GET. Source: the Connect protocol,
/// connectrpc.com/docs/protocol.
enum Connect {
  /// The handler of a request of Connect; nil when it is of another protocol.
  static func begin(
    _ head: HTTPHead, on stream: any HTTPServerStream, environment: CallEnvironment,
    connection: any CallConnection
  ) -> (any HTTPRequestHandler)? {
    let request: ConnectRequest
    if let query = ConnectQuery(head) {
      request = ConnectRequest(head, query, environment)
    } else {
      guard let contentType = ConnectContentType(head) else { return nil }
      guard head.method == "POST" else {
        return PlainResponse(405, "Use POST.", fields: [("allow", "POST")], on: stream)
      }
      request = ConnectRequest(head, contentType, environment)
    }
    head.interpret(request)
    return begin(
      head, request, on: stream, environment: environment, connection: connection)
  }

  /// The handler of a request with this head.
  static func begin(
    _ head: HTTPHead, _ request: ConnectRequest, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> any HTTPRequestHandler {
    guard let handler = request.handler else {
      let error = request.refusal ?? RPCError(.internal)
      HTTPServerCall.refused(head, error, environment: environment, connection: connection)
      return refuse(request, error, on: stream)
    }
    let isStream = request.contentType.isStream
    guard isStream == (handler.method.kind != .unary) else {
      let accepted =
        isStream
        ? "application/proto, application/json"
        : "application/connect+proto, application/connect+json"
      return PlainResponse(
        415, "\(handler.method.fullName) takes \(accepted).", fields: [("accept-post", accepted)],
        on: stream)
    }
    if request.message != nil, !handler.method.hasNoSideEffects {
      return PlainResponse(
        405, "Use POST: \(handler.method.fullName) may have side effects.",
        fields: [("allow", "POST")], on: stream)
    }
    if isStream {
      return ConnectStreamCall(
        head, request, handler: handler, stream: stream, environment: environment,
        connection: connection)
    }
    return ConnectUnaryCall(
      head, request, handler: handler, stream: stream, environment: environment,
      connection: connection)
  }

  /// Answers a call that no handler sees.
  private static func refuse(
    _ request: ConnectRequest, _ error: RPCError, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    if request.contentType.isStream {
      var fields = ConnectFields.head(status: 200, contentType: request.contentType.name)
      fields.add("connect-accept-encoding", ContentCoding.acceptList)
      stream.sendHead(fields, end: false)
      ConnectStreamCall.end(stream, error, Metadata())
    } else {
      ConnectUnaryCall.fail(stream, error, nil)
    }
    return DroppedRequest()
  }
}
