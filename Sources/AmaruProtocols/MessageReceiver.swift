// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The enveloped messages of one direction of a call: kept as they come, taken one by one, and the peer's credit
/// for them given back only then. Confined to its loop.
struct MessageReceiver: ~Copyable {
  /// Credit is given in pieces of this many bytes, or when there is nothing left to take.
  private static let creditBytes = 16 << 10

  private let maxMessageBytes: Int
  private let maxInflationRatio: Int
  private var buffer: EnvelopeBuffer
  private var decompressed: [UInt8]?
  /// Bytes that were taken and ``creditTaken(_:)`` has not yet told.
  private var taken = 0
  /// Received bytes for which the peer has not got credit back.
  private var uncredited = 0
  /// Whether the message last taken came compressed.
  private(set) var wasCompressed = false

  init(maxMessageBytes: Int, maxInflationRatio: Int) {
    self.maxMessageBytes = maxMessageBytes
    self.maxInflationRatio = maxInflationRatio
    buffer = EnvelopeBuffer(maxMessageBytes: maxMessageBytes)
  }

  /// Whether nothing is kept.
  var isEmpty: Bool { buffer.isEmpty }
  /// Bytes that are kept.
  var count: Int { buffer.count }
  /// Whole messages that can be taken.
  var messageCount: Int { buffer.messageCount }
  /// Whether the bytes end inside a message.
  var hasPartialMessage: Bool { buffer.hasPartialMessage }

  /// The one uncompressed message that `bytes` holds exactly; nil when they are something else.
  func wholeMessage(
    _ bytes: UnsafeRawBufferPointer
  ) throws(RPCError) -> UnsafeRawBufferPointer? {
    let prefix = EnvelopeBuffer.prefixBytes
    guard bytes.count >= prefix, bytes[0] == 0 else { return nil }
    let length = try EnvelopeBuffer.checked(
      0, EnvelopeBuffer.prefix(bytes).length, maxMessageBytes: maxMessageBytes)
    guard length + prefix == bytes.count else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[prefix...])
  }

  /// Keeps received bytes.
  mutating func keep(
    _ bytes: UnsafeRawBufferPointer, _ stream: (any HTTPStream)?
  ) throws(RPCError) {
    uncredited += bytes.count
    stream?.kept(bytes.count)
    try buffer.append(bytes)
    if buffer.messageCount == 0 { creditTaken(stream) }
  }

  /// Keeps a message that ``wholeMessage(_:)`` gave, for which the peer has its credit.
  mutating func keep(whole message: UnsafeRawBufferPointer, _ stream: (any HTTPStream)?) {
    withUnsafeTemporaryAllocation(
      byteCount: EnvelopeBuffer.prefixBytes, alignment: 1
    ) { prefix in
      prefix.storeBytes(of: 0, as: UInt8.self)
      prefix.storeBytes(of: UInt32(message.count).bigEndian, toByteOffset: 1, as: UInt32.self)
      // The length was checked when the message was found, so that neither can throw.
      try? buffer.append(UnsafeRawBufferPointer(prefix))
      try? buffer.append(message)
    }
    stream?.kept(buffer.count)
  }

  /// Removes the next message; nil when none is there. The bytes hold until the next change.
  mutating func take(
    _ coding: ContentCoding, _ compression: Compression, _ stream: (any HTTPStream)?
  ) throws(RPCError) -> UnsafeRawBufferPointer? {
    guard let (flag, message) = buffer.take() else { return nil }
    taken += message.count + EnvelopeBuffer.prefixBytes
    if buffer.messageCount == 0 || taken >= Self.creditBytes { creditTaken(stream) }
    wasCompressed = flag == 1
    guard wasCompressed else { return message }
    guard coding != .identity else {
      throw RPCError(
        .internal,
        "a message is marked as compressed, and neither grpc-encoding nor "
          + "connect-content-encoding says how")
    }
    let bytes = try compression.decompress(
      message, maxBytes: maxMessageBytes, maxRatio: maxInflationRatio)
    decompressed = bytes
    // SAFETY: `decompressed` is not changed before the next message is taken.
    return bytes.withUnsafeBytes { $0 }
  }

  /// A message that was not kept was taken.
  mutating func tookUncompressed() { wasCompressed = false }

  /// Lets go of everything.
  mutating func removeAll() { buffer.removeAll() }

  /// Gives the peer credit for what was taken, and, when no whole message is left, for the part of one that is:
  /// what is missing of a message within the limit must be let in, or it would never be whole.
  private mutating func creditTaken(_ stream: (any HTTPStream)?) {
    let credit = buffer.messageCount == 0 ? uncredited : min(taken, uncredited)
    uncredited -= credit
    if let stream {
      stream.released(taken)
      stream.credit(credit)
    }
    taken = 0
  }
}
