// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// A call whose request is one message: the body, or what is made of it. Confined to its loop.
class WholeBodyCall: HTTPServerCall, @unchecked Sendable {
  private final let requestCoding: ContentCoding
  @exclusivity(unchecked) private final var received: [UInt8] = []
  @exclusivity(unchecked) private final var hasMessage = false
  @exclusivity(unchecked) private final var wasCompressed = false

  init(
    _ head: HTTPHead, timeoutNanoseconds: UInt64?, codec: CallCodec, sentCodec: CallCodec? = nil,
    requestCoding: ContentCoding, handler: Handler, stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) {
    self.requestCoding = requestCoding
    super.init(
      head, timeoutNanoseconds: timeoutNanoseconds, codec: codec, sentCodec: sentCodec,
      handler: handler, stream: stream, environment: environment, connection: connection)
  }

  // MARK: What a wire supplies

  /// Whether the body has no meaning (RFC 9110 9.3.1).
  var ignoresBody: Bool { false }
  /// Whether a body that is not compressed is the message as it is.
  var isBodyMessage: Bool { true }
  /// The message of a body, decompressed; called where it is not the message as it is.
  func message(of body: [UInt8]) throws(RPCError) -> [UInt8] { body }

  // MARK: Messages in

  final override func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished, !isHalfClosed else { return }
    if ignoresBody {
      stream?.credit(bytes.count)
    } else if end, received.isEmpty, bytes.count > 0, isBodyMessage, requestCoding == .identity {
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

  private final func checkLimit(_ count: Int) -> Bool {
    let limit = environment.limits.maxReceivedMessageBytes
    if count > limit {
      fail(
        RPCError(.resourceExhausted, "the message is longer than the limit of \(limit) bytes"))
    }
    return count <= limit
  }

  final override func keep(whole message: UnsafeRawBufferPointer) {
    received += message
    stream?.kept(message.count)
  }

  final override func dropMessages() { received = [] }

  final override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard hasMessage else { return nil }
    hasMessage = false
    if let message = takeBorrowed() { return message }
    stream?.released(received.count)
    if ignoresBody { received = try message(of: []) }
    // A body of nothing is not compressed, whatever its head says.
    if requestCoding != .identity, !received.isEmpty {
      wasCompressed = true
      let limits = environment.limits
      do throws(RPCError) {
        let compressed = received
        received = try compressed.span.bytes.withUnsafeBytes { bytes throws(RPCError) in
          try environment.compression.decompress(
            bytes, maxBytes: limits.maxReceivedMessageBytes, maxRatio: limits.maxInflationRatio)
        }
      } catch {
        throw undecodable(error)
      }
    }
    if !ignoresBody, !isBodyMessage || received.isEmpty { received = try message(of: received) }
    // SAFETY: `received` is not changed before the stream is closed, and by then the message is decoded: that is done at
    // once, on the loop.
    return received.withUnsafeBytes { $0 }
  }

  final override var undecodableCode: StatusCode { .invalidArgument }
  final override var lastMessageWasCompressed: Bool { wasCompressed }
}
