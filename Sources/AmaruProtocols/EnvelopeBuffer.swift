// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// Received bytes that hold enveloped messages: a flag byte, a big-endian `u32` length, the message.
///
/// The same envelope serves gRPC (`Length-Prefixed-Message`, `PROTOCOL-HTTP2.md`) and Connect's streams. A
/// length is checked as soon as it is there, before the bytes that it announces are kept.
struct EnvelopeBuffer: ~Copyable {
  static let prefixBytes = 5

  private let maxMessageBytes: Int
  private var queue = ByteQueue()
  /// How many bytes from the front are known to be whole messages.
  private var scanned = 0
  /// Whole messages that can be taken.
  private(set) var messageCount = 0

  init(maxMessageBytes: Int) { self.maxMessageBytes = maxMessageBytes }

  /// Whether nothing is kept.
  var isEmpty: Bool { queue.count == 0 }
  /// Bytes that are kept.
  var count: Int { queue.count }
  /// Whether the bytes end inside a message.
  var hasPartialMessage: Bool { scanned < queue.count }

  /// Adds received bytes.
  /// - Throws: `RESOURCE_EXHAUSTED` for a message over the limit, `INTERNAL` for an unknown flag.
  mutating func append(_ received: UnsafeRawBufferPointer) throws(RPCError) {
    queue.append(received)
    let bytes = queue.bytes
    while bytes.count - scanned >= Self.prefixBytes {
      let (flag, announced) = Self.prefix(UnsafeRawBufferPointer(rebasing: bytes[scanned...]))
      let length = try Self.checked(flag, announced, maxMessageBytes: maxMessageBytes)
      guard bytes.count - scanned - Self.prefixBytes >= length else { return }
      scanned += Self.prefixBytes + length
      messageCount += 1
    }
  }

  /// Removes the next whole message; nil when there is none. The bytes hold until the next `append`.
  mutating func take() -> (flag: UInt8, message: UnsafeRawBufferPointer)? {
    guard messageCount > 0 else { return nil }
    messageCount -= 1
    let bytes = queue.bytes
    let (flag, length) = Self.prefix(bytes)
    let end = Self.prefixBytes + length
    scanned -= end
    queue.drop(end)
    return (flag, UnsafeRawBufferPointer(rebasing: bytes[Self.prefixBytes..<end]))
  }

  /// Lets go of everything.
  mutating func removeAll() {
    queue.removeAll()
    scanned = 0
    messageCount = 0
  }

  /// The flag and length at the front of `bytes`, which are at least a prefix long.
  @inline(__always)
  static func prefix(_ bytes: UnsafeRawBufferPointer) -> (flag: UInt8, length: Int) {
    (
      bytes[0],
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
    )
  }

  /// The length, when it and the flag are allowed.
  static func checked(
    _ flag: UInt8, _ length: Int, maxMessageBytes: Int
  ) throws(RPCError) -> Int {
    guard flag <= 1 else {
      throw RPCError(.internal, "unknown flag \(flag) in front of a message")
    }
    guard length <= maxMessageBytes else {
      throw RPCError(
        .resourceExhausted,
        "a message of \(length) bytes is over the limit of \(maxMessageBytes) bytes")
    }
    return length
  }
}
