// SPDX-License-Identifier: Apache-2.0

/// The one packet that each end sends before records flow.
///
/// ```
/// 0 magic u64 | 8 version u32 | 12 result u32 | 16 maxMessageBytes u64 | 24 maxConcurrentCalls u32
/// | 28 textLength u32 | 32 text
/// ```
/// The hello of the end that connects has result 0 and no text. The first twelve bytes mean the same in
/// every version. Source: `docs/protocols/shared-memory.md`, "Handshake".
struct HandshakePacket: Hashable {
  /// The version that the sender speaks.
  var version: UInt32
  /// Why the sender refuses; nil when it does not.
  var refusal: Refusal?
  /// What the sender takes.
  var limits: PeerLimits
  /// What a refusal says for people.
  var text = ""

  static let magic: UInt64 = 0x4b48_5355_5241_4d41  // "AMARUSHK"
  /// Bytes of a text, at most.
  static let maxTextBytes = 256
  /// Bytes of a packet, at most.
  static let maxBytes = 32 + maxTextBytes

  init(
    version: UInt32 = SegmentLayout.version, refusal: Refusal? = nil, limits: PeerLimits,
    text: String = ""
  ) {
    self.version = version
    self.refusal = refusal
    self.limits = limits
    self.text = text
  }

  /// The packet's bytes; a text that is too long is cut.
  var bytes: [UInt8] {
    var text = text
    while text.utf8.count > Self.maxTextBytes { text.removeLast() }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: Self.magic)
    bytes.append(littleEndian: version)
    bytes.append(littleEndian: refusal?.code ?? 0)
    bytes.append(littleEndian: limits.maxMessageBytes)
    bytes.append(littleEndian: limits.maxConcurrentCalls)
    bytes.append(littleEndian: UInt32(text.utf8.count))
    bytes += text.utf8
    return bytes
  }

  /// Takes a packet apart.
  ///
  /// - Throws: ``SharedMemoryError/versionMismatch(peer:own:)`` before anything else is looked at;
  ///   ``SharedMemoryError/handshake(_:)``.
  init(_ bytes: [UInt8]) throws(SharedMemoryError) {
    var reader = ByteReader(bytes.span.bytes)
    guard bytes.count >= 12, try reader.read(UInt64.self) == Self.magic else {
      throw .handshake("the peer speaks another protocol")
    }
    version = try reader.read(UInt32.self)
    guard version == SegmentLayout.version else {
      throw .versionMismatch(peer: version, own: SegmentLayout.version)
    }
    guard bytes.count >= 32, bytes.count <= Self.maxBytes else {
      throw .handshake("a packet of \(bytes.count) bytes")
    }
    let result = try reader.read(UInt32.self)
    refusal = result == 0 ? nil : Refusal(code: result)
    let messageBytes = try reader.read(UInt64.self)
    let calls = try reader.read(UInt32.self)
    limits = PeerLimits(maxMessageBytes: messageBytes, maxConcurrentCalls: calls)
    guard try reader.read(UInt32.self) == UInt32(reader.remaining) else {
      throw .handshake("a text of another length than the packet has")
    }
    guard let text = try? reader.readText(reader.remaining) else {
      throw .handshake("a text that is not UTF-8")
    }
    self.text = text
  }
}
