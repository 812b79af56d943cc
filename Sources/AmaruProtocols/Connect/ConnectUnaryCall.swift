// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One unary call of Connect: the message is the body, and an error is JSON with an HTTP status.
///
/// The response waits for the end of the handler, as its trailers are fields of the head.
/// Source: "Unary RPCs" of the Connect protocol.
final class ConnectUnaryCall: WholeBodyCall, @unchecked Sendable {
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: ConnectRequest
  /// The message of the response.
  @exclusivity(unchecked) private var response: [UInt8] = []

  init(
    _ head: HTTPHead, _ request: ConnectRequest, handler: Handler,
    stream: any HTTPServerStream, environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: request.contentType.codec,
      requestCoding: request.requestCoding, handler: handler, stream: stream,
      environment: environment, connection: connection)
    begin()
  }

  override var ignoresBody: Bool { request.message != nil }
  override func message(of body: [UInt8]) throws(RPCError) -> [UInt8] { request.message ?? body }
  override var metadata: Metadata { ConnectFields.metadata(head.fields) }

  // MARK: Messages out

  override func writeMessage(_ writer: inout BackWriter) { response = writer.takeBytes() }
  override func writeText(_ text: UnsafeRawBufferPointer) { response = [UInt8](text) }

  override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    if let error { return Self.fail(stream, error, responseMetadata) }
    let beside = responseMetadata
    let coding = beside?.compresses == false ? .identity : chosenCoding(request.acceptedCodings)
    if coding == .identity, beside == nil, request.message == nil {
      stream.sendHead(codec == .json ? ConnectFields.json : ConnectFields.binary)
    } else {
      stream.sendHead(head(beside, compressingWith: coding), end: false)
    }
    response.withUnsafeBytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
    response = []
  }

  /// The head of success, and the response as it is sent then.
  private func head(
    _ beside: ResponseMetadata?, compressingWith coding: ContentCoding
  ) -> HTTPFields {
    var fields = ConnectFields.head(status: 200, contentType: request.contentType.name)
    if coding != .identity,
      let compressed = response.withUnsafeBytes({ environment.compression.compress($0, coding) })
    {
      response = compressed
      fields.add("content-encoding", coding.rawValue)
    }
    if request.message != nil { fields.add("vary", "accept-encoding") }
    Self.add(beside, to: &fields)
    return fields
  }

  /// Answers with an error, as JSON whatever the codec.
  static func fail(
    _ stream: any HTTPServerStream, _ error: RPCError, _ beside: ResponseMetadata?
  ) {
    var fields = ConnectFields.head(
      status: error.code.httpStatus, contentType: "application/json")
    add(beside, to: &fields)
    GRPCFields.add(error.metadata, to: &fields)
    if error.code == .unimplemented { fields.add("accept-encoding", ContentCoding.acceptList) }
    stream.sendHead(fields, end: false)
    Array(ConnectJSON.error(error).utf8).withUnsafeBytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
  }

  /// Adds the metadata, and the trailers with `trailer-` in front of their names ("Trailing-Metadata").
  private static func add(_ beside: ResponseMetadata?, to fields: inout HTTPFields) {
    guard let beside else { return }
    GRPCFields.add(beside.initial, to: &fields)
    GRPCFields.add(beside.trailing, prefix: "trailer-", to: &fields)
  }
}
