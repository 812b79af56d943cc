// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// A call whose bodies are enveloped messages: one of gRPC or a stream of Connect. Confined to its loop.
package class EnvelopedServerCall: HTTPServerCall, @unchecked Sendable {
  private final let requestCoding: ContentCoding
  @exclusivity(unchecked) private final var buffer: MessageReceiver
  /// How messages are compressed; chosen with the head.
  @exclusivity(unchecked) final var responseCoding = ContentCoding.identity

  init(
    _ head: HTTPHead, timeoutNanoseconds: UInt64?, codec: CallCodec,
    requestCoding: ContentCoding, handler: Handler, stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) {
    self.requestCoding = requestCoding
    buffer = MessageReceiver(
      maxMessageBytes: environment.limits.maxReceivedMessageBytes,
      maxInflationRatio: environment.limits.maxInflationRatio)
    super.init(
      head, timeoutNanoseconds: timeoutNanoseconds, codec: codec, handler: handler, stream: stream,
      environment: environment, connection: connection)
  }

  package final override func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished, !isHalfClosed else { return }
    let isSingle = handler.method.kind.hasSingleRequest
    do throws(RPCError) {
      if isSingle, end, buffer.isEmpty, let message = try buffer.wholeMessage(bytes) {
        lend(message)
      } else {
        if bytes.count > 0 { try buffer.keep(bytes, stream) }
        if end { try checkEnd() }
      }
    } catch {
      fail(undecodable(error))
      return
    }
    if end {
      halfClose()
      if isSingle { dispatch() }
    } else if buffer.messageCount > 0 {
      messageArrived()
    }
  }

  private final func checkEnd() throws(RPCError) {
    guard !buffer.hasPartialMessage else {
      throw RPCError(undecodableCode, "the request ended inside a message")
    }
    guard handler.method.kind.hasSingleRequest, buffer.messageCount != 1 else { return }
    throw RPCError(
      undecodableCode,
      "\(handler.method.fullName) takes one message, and \(buffer.messageCount) came")
  }

  final override func keep(whole message: UnsafeRawBufferPointer) {
    buffer.keep(whole: message, stream)
  }

  final override func dropMessages() { buffer.removeAll() }

  package final override func takeMessage() throws -> UnsafeRawBufferPointer? {
    if let message = takeBorrowed() {
      buffer.tookUncompressed()
      return message
    }
    do throws(RPCError) {
      return try buffer.take(requestCoding, environment.compression, stream)
    } catch {
      throw undecodable(error)
    }
  }

  package final override var lastMessageWasCompressed: Bool { buffer.wasCompressed }

  package final override func writeMessage(_ writer: inout BackWriter) {
    if !isHeadWritten { writeHead() }
    guard let stream else { return }
    var coding = responseCoding
    if coding != .identity, responseMetadata?.compresses == false { coding = .identity }
    stream.send(&writer, coding, environment.compression)
    if stream.unsentBytes >= sendBufferBytes { roomExhausted() }
  }
}
