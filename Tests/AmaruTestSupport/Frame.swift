// SPDX-License-Identifier: Apache-2.0

/// One HTTP/2 frame, made or read by hand (RFC 9113 4.1).
package struct Frame: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: UInt8, Sendable {
    case data = 0
    case headers
    case priority
    case resetStream
    case settings
    case pushPromise
    case ping
    case goAway
    case windowUpdate
    case continuation
  }

  package static let endStream: UInt8 = 1
  package static let ack: UInt8 = 1
  package static let endHeaders: UInt8 = 4
  package static let padded: UInt8 = 8

  package var type: UInt8
  package var flags: UInt8
  package var stream: UInt32
  package var payload: [UInt8]

  package init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.init(type: kind.rawValue, flags: flags, stream: stream, payload)
  }

  package init(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.type = type
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  package var kind: Kind? { Kind(rawValue: type) }

  /// The frame as it goes over the wire.
  package var bytes: [UInt8] {
    Array(UInt32(payload.count).bigEndianBytes.dropFirst()) + [type, flags] + stream.bigEndianBytes
      + payload
  }

  package var description: String {
    "\(kind.map { "\($0)" } ?? "type \(type)")(stream \(stream), flags \(flags), \(payload))"
  }
}

extension Frame {
  /// What a client sends first, before its SETTINGS.
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  package static func settings(_ entries: [(UInt16, UInt32)] = []) -> Frame {
    Frame(
      .settings,
      entries.flatMap { entry in
        [UInt8(entry.0 >> 8), UInt8(entry.0 & 255)] + entry.1.bigEndianBytes
      })
  }

  package static func initialWindow(_ size: UInt32) -> Frame {
    settings([(Setting.initialWindowSize, size)])
  }

  package static let settingsAck = Frame(.settings, flags: ack)

  package static func headers(_ stream: UInt32, _ fields: [Field], end: Bool = false) -> Frame {
    Frame(
      .headers, flags: endHeaders | (end ? endStream : 0), stream: stream, HPACK.literal(fields))
  }

  package static func data(_ stream: UInt32, _ bytes: [UInt8], end: Bool = false) -> Frame {
    Frame(.data, flags: end ? endStream : 0, stream: stream, bytes)
  }

  package static func reset(_ stream: UInt32, _ code: ErrorCode) -> Frame {
    Frame(.resetStream, stream: stream, code.rawValue.bigEndianBytes)
  }

  package static func windowUpdate(_ stream: UInt32, _ size: UInt32) -> Frame {
    Frame(.windowUpdate, stream: stream, size.bigEndianBytes)
  }

  package static func ping(_ payload: UInt64 = 0, isAck: Bool = false) -> Frame {
    Frame(
      .ping, flags: isAck ? ack : 0,
      UInt32(payload >> 32).bigEndianBytes
        + UInt32(truncatingIfNeeded: payload).bigEndianBytes)
  }

  package static func priority(_ stream: UInt32) -> Frame {
    Frame(.priority, stream: stream, [0, 0, 0, 0, 16])
  }

  package static func continuation(_ stream: UInt32, _ block: [UInt8], end: Bool) -> Frame {
    Frame(.continuation, flags: end ? endHeaders : 0, stream: stream, block)
  }
}

/// The error codes of RFC 9113 7.
package enum ErrorCode: UInt32, Sendable {
  case noError = 0
  case protocolError
  case internalError
  case flowControlError
  case settingsTimeout
  case streamClosed
  case frameSizeError
  case refusedStream
  case cancel
  case compressionError
  case connectError
  case enhanceYourCalm
}

/// The settings of RFC 9113 6.5.2.
package enum Setting {
  package static let headerTableSize: UInt16 = 1
  package static let maxConcurrentStreams: UInt16 = 3
  package static let initialWindowSize: UInt16 = 4
  package static let maxFrameSize: UInt16 = 5
  package static let maxHeaderListSize: UInt16 = 6
}

extension UInt32 {
  package var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }

  package init(bigEndianBytes bytes: some Sequence<UInt8>) {
    self = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }
}

/// Reads frames from bytes that come in pieces.
package struct FrameReader {
  private var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ more: [UInt8]) { bytes += more }

  /// The next whole frame.
  package mutating func next() -> Frame? {
    guard bytes.count >= 9 else { return nil }
    let length = Int(UInt32(bigEndianBytes: bytes[..<3]))
    guard bytes.count >= 9 + length else { return nil }
    defer { bytes.removeFirst(9 + length) }
    return Frame(
      type: bytes[3], flags: bytes[4],
      stream: UInt32(bigEndianBytes: bytes[5..<9]) & 0x7fff_ffff, Array(bytes[9..<(9 + length)]))
  }

  /// Bytes of a frame that is not whole yet.
  package var isEmpty: Bool { bytes.isEmpty }
}
