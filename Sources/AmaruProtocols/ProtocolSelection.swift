// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// Finds the protocol of a request by its content type. A new wire is one line here.
package enum ProtocolSelection {
  /// The handler of a request on `stream`: a call, or what answers a request that is none.
  /// - Parameter isHTTP1: whether it came over HTTP/1.1, which cannot carry gRPC.
  package static func begin(
    _ head: HTTPHead, isHTTP1: Bool, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> any HTTPRequestHandler {
    guard let cors = environment.cors, let origin = head.fields.value("origin") else {
      return select(
        head, isHTTP1: isHTTP1, on: stream, environment: environment, connection: connection)
    }
    if CORSPreflight.isPreflight(head) {
      return CORSPreflight(head, origin: origin, cors, on: stream)
    }
    let filter = CORSStream(origin: origin, cors, stream)
    filter.handler = select(
      head, isHTTP1: isHTTP1, on: filter, environment: environment, connection: connection)
    return filter
  }

  private static let acceptedTypes = """
    application/grpc, application/grpc-web, application/grpc-web-text, application/json, \
    application/proto, application/connect+json, application/connect+proto
    """

  private static func select(
    _ head: HTTPHead, isHTTP1: Bool, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> any HTTPRequestHandler {
    // A head that is sent again and again is looked at once.
    if let known = head.interpretation {
      if type(of: known) == TranscodedRequest.self {
        return unsafeDowncast(known, to: TranscodedRequest.self).begin(
          head, on: stream, environment: environment, connection: connection)
      }
      if type(of: known) == ConnectRequest.self {
        return Connect.begin(
          head, unsafeDowncast(known, to: ConnectRequest.self), on: stream,
          environment: environment, connection: connection)
      }
    } else if isHTTP1, GRPCServerCall.needsHTTP2(head) {
      return PlainResponse(
        505, "gRPC needs HTTP/2; this came over HTTP/1.1.", fields: [("connection", "close")],
        on: stream)
    }
    if let call = GRPCServerCall.begin(
      head, on: stream, environment: environment, connection: connection)
    {
      return call
    }
    if let bindings = environment.bindings,
      let call = TranscodedRequest.begin(
        head, bindings, on: stream, environment: environment, connection: connection)
    {
      return call
    }
    if let call = Connect.begin(
      head, on: stream, environment: environment, connection: connection)
    {
      return call
    }
    if environment.bindings != nil {
      return TranscodedResponse.refuse(
        404, "there is no route for \(head.method) \(TranscodedRequest.path(of: head))", on: stream)
    }
    return PlainResponse(
      415,
      "Send gRPC, gRPC-Web or Connect: POST with a content-type such as application/grpc.",
      fields: [("accept", acceptedTypes)],
      on: stream)
  }
}
