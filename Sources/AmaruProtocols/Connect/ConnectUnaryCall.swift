// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One unary call of Connect: the message is the body, and an error is JSON with an HTTP status.
///
/// The response waits for the end of the handler, as its trailers are fields of the head.
/// Source: "Unary RPCs" of the Connect protocol.
final class ConnectUnaryCall: HTTPServerCall, @unchecked Sendable {
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: ConnectRequest
  @exclusivity(unchecked) private var received: [UInt8] = []
  @exclusivity(unchecked) private var hasMessage = false
  @exclusivity(unchecked) private var wasCompressed = false
  /// The message of the response.
  @exclusivity(unchecked) private var response: [UInt8] = []

  init(
    _ head: HTTPHead, _ request: ConnectRequest, handler: Handler,
    stream: any HTTPServerStream, environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: request.contentType.codec,
      handler: handler, stream: stream, environment: environment, connection: connection)
    begin()
  }

  // MARK: Messages in

  override func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished, !isHalfClosed else { return }
    if let message = request.message {
      // The body of a GET has no meaning (RFC 9110 9.3.1).
      stream?.credit(bytes.count)
      received = message
    } else if end, received.isEmpty, request.requestCoding == .identity {
      guard checkLimit(bytes.count) else { return }
      lend(bytes)
    } else {
      guard checkLimit(received.count + bytes.count) else { return }
      keep(whole: bytes)
      stream?.credit(bytes.count)
    }
    guard end else { return }
    hasMessage = true
    halfClose()
    dispatch()
  }

  private func checkLimit(_ count: Int) -> Bool {
    let limit = environment.limits.maxReceivedMessageBytes
    if count > limit {
      fail(
        RPCError(.resourceExhausted, "the message is longer than the limit of \(limit) bytes"))
    }
    return count <= limit
  }

  override func keep(whole message: UnsafeRawBufferPointer) {
    received += message
    stream?.kept(message.count)
  }

  override func dropMessages() { received = [] }

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard hasMessage else { return nil }
    hasMessage = false
    if let message = takeBorrowed() { return message }
    if request.message == nil { stream?.released(received.count) }
    if request.requestCoding != .identity {
      wasCompressed = true
      let limits = environment.limits
      received = try received.withUnsafeBytes { bytes throws(RPCError) in
        try environment.compression.decompress(
          bytes, maxBytes: limits.maxReceivedMessageBytes, maxRatio: limits.maxInflationRatio)
      }
    }
    // SAFETY: `received` is not changed before the stream is closed, and by then the message is decoded: that is done at
    // once, on the loop.
    return received.withUnsafeBytes { $0 }
  }

  override var metadata: Metadata { ConnectFields.metadata(head.fields) }
  override var undecodableCode: StatusCode { .invalidArgument }
  override var lastMessageWasCompressed: Bool { wasCompressed }

  // MARK: Messages out

  override func writeMessage(_ writer: inout BackWriter) { response = writer.takeBytes() }

  override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    if let error { return Self.fail(stream, error, responseMetadata) }
    let beside = responseMetadata
    var fields = ConnectFields.head(status: 200, contentType: request.contentType.name)
    let coding = beside?.compresses == false ? .identity : chosenCoding(request.acceptedCodings)
    if coding != .identity,
      let compressed = response.withUnsafeBytes({ environment.compression.compress($0, coding) })
    {
      response = compressed
      fields.add("content-encoding", coding.rawValue)
    }
    if request.message != nil { fields.add("vary", "accept-encoding") }
    Self.add(beside, to: &fields)
    stream.sendHead(fields, end: false)
    response.withUnsafeBytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
    response = []
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
