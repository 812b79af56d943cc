// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One call by plain HTTP whose requests are lines of JSON, or pieces of a raw body. Confined to its loop.
final class TranscodedStreamCall: HTTPServerCall, @unchecked Sendable {
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: TranscodedRequest
  @exclusivity(unchecked) private var response: TranscodedResponse
  @exclusivity(unchecked) private var lines: LineReceiver
  @exclusivity(unchecked) private var message: [UInt8] = []

  init(
    _ head: HTTPHead, _ request: TranscodedRequest, stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    response = TranscodedResponse(request)
    let transcoding = request.transcoding
    lines = LineReceiver(
      maxLineBytes: environment.limits.maxReceivedMessageBytes,
      splitsLines: !transcoding.takesRawBody)
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: transcoding.codec,
      sentCodec: transcoding.sentCodec, handler: transcoding.handler, stream: stream,
      environment: environment, connection: connection)
    overlay = request.overlay ?? JSONOverlay(fields: [], prefixBytes: 0)
    begin()
  }

  // MARK: Messages in

  override func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished, !isHalfClosed else { return }
    do throws(RPCError) {
      try lines.keep(bytes, stream, end: end)
    } catch {
      fail(error)
      return
    }
    if end { halfClose() } else if lines.hasLine { messageArrived() }
  }

  override func dropMessages() { lines.removeAll() }

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard let line = lines.take(stream) else { return nil }
    overlay?.lines = lines.linesBefore
    if request.transcoding.isBodyMessage { return line }
    message = try request.transcoding.message([UInt8](line))
    // SAFETY: `message` is not changed before the next one is taken.
    return message.withUnsafeBytes { $0 }
  }

  override var undecodableCode: StatusCode { .invalidArgument }
  override var metadata: Metadata { ConnectFields.metadata(head.fields) }

  // MARK: Messages out

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
