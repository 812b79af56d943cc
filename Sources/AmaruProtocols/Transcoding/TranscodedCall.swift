// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One call by plain HTTP whose request is one message: of the body, the path and the query. Confined to its loop.
final class TranscodedCall: WholeBodyCall, @unchecked Sendable {
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: TranscodedRequest
  @exclusivity(unchecked) private var response: TranscodedResponse

  init(
    _ head: HTTPHead, _ request: TranscodedRequest, stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    response = TranscodedResponse(request)
    let transcoding = request.transcoding
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: transcoding.codec,
      sentCodec: transcoding.sentCodec, requestCoding: request.requestCoding,
      handler: transcoding.handler, stream: stream, environment: environment,
      connection: connection)
    overlay = request.overlay
    begin()
  }

  override var ignoresBody: Bool { request.ignoresBody }
  override var isBodyMessage: Bool { request.transcoding.isBodyMessage }
  override func message(of body: [UInt8]) throws(RPCError) -> [UInt8] {
    try request.transcoding.message(body)
  }
  override var metadata: Metadata { ConnectFields.metadata(head.fields) }

  override func writeHead() {
    if let stream { response.writeHead(responseMetadata, on: stream) }
  }

  override func writeMessage(_ writer: inout BackWriter) {
    writer.withWritten { writeText($0) }
  }

  override func writeText(_ text: UnsafeRawBufferPointer) {
    guard let stream else { return }
    response.write(text, responseMetadata, on: stream)
    if stream.unsentBytes >= sendBufferBytes { roomExhausted() }
  }

  override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    let beside = responseMetadata
    let coding = beside?.compresses == false ? .identity : chosenCoding(request.acceptedCodings)
    response.end(
      error, beside, coding: coding, compression: environment.compression, on: stream)
  }
}
