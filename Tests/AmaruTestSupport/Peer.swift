// SPDX-License-Identifier: Apache-2.0

/// What a server has sent to a client, taken apart.
package final class Peer: @unchecked Sendable {
  /// What came on one stream.
  package struct Stream: Sendable, Hashable {
    /// The header blocks: heads and trailers.
    package var blocks: [[Field]] = []
    package var body: [UInt8] = []
    /// The lengths of the DATA frames.
    package var frames: [Int] = []
    package var isEnded = false
    package var reset: UInt32?
    /// Window credit that the server gave.
    package var credit = 0

    package init() {}

    /// The last value under `name`.
    package func value(_ name: String) -> String? {
      blocks.joined().last { $0.name == name }?.value
    }

    /// The value of `grpc-status`.
    package var status: Int? { value("grpc-status").flatMap { Int($0) } }

    /// The messages that are here whole.
    package var messages: [[UInt8]] { Envelope.split(body).map(\.message) }

    package var isOver: Bool { isEnded || reset != nil }
  }

  package struct GoAway: Sendable, Hashable {
    package var lastStream: UInt32
    package var code: UInt32

    package init(_ lastStream: UInt32, _ code: ErrorCode) {
      self.lastStream = lastStream
      self.code = code.rawValue
    }
  }

  package private(set) var frames: [Frame] = []
  package private(set) var streams: [UInt32: Stream] = [:]
  package private(set) var goAways: [GoAway] = []
  /// The debug data of the last GOAWAY.
  package private(set) var goAwayText = ""
  package private(set) var settings: [UInt16: UInt32] = [:]
  package private(set) var settingsCount = 0
  package private(set) var settingsAcks = 0
  package private(set) var pings: [Frame] = []
  package private(set) var pongs: [[UInt8]] = []
  package private(set) var connectionCredit = 0
  private var reader = FrameReader()
  private var headers = HeaderDecoder()
  private var block: (stream: UInt32, bytes: [UInt8], end: Bool)?

  package init() {}

  /// What came on a stream, nothing if nothing did.
  package subscript(_ stream: UInt32) -> Stream { streams[stream] ?? Stream() }

  /// Whether everything so far was whole frames.
  package var isBetweenFrames: Bool { reader.isEmpty && block == nil }

  /// Takes bytes that the server sent; gives the frames that are now whole.
  @discardableResult
  package func receive(_ bytes: [UInt8]) -> [Frame] {
    reader.append(bytes)
    var new: [Frame] = []
    while let frame = reader.next() {
      note(frame)
      new.append(frame)
    }
    frames += new
    return new
  }

  private func note(_ frame: Frame) {
    switch frame.kind {
    case .data:
      streams[frame.stream, default: Stream()].body += frame.payload
      streams[frame.stream, default: Stream()].frames.append(frame.payload.count)
      if frame.flags & Frame.endStream != 0 { streams[frame.stream]?.isEnded = true }
    case .headers:
      block = (frame.stream, frame.payload, frame.flags & Frame.endStream != 0)
      if frame.flags & Frame.endHeaders != 0 { endBlock() }
    case .continuation:
      block?.bytes += frame.payload
      if frame.flags & Frame.endHeaders != 0 { endBlock() }
    case .resetStream:
      streams[frame.stream, default: Stream()].reset = UInt32(bigEndianBytes: frame.payload)
    case .settings:
      if frame.flags & Frame.ack != 0 {
        settingsAcks += 1
      } else {
        settingsCount += 1
        for start in stride(from: 0, to: frame.payload.count - 5, by: 6) {
          let id = UInt16(frame.payload[start]) << 8 | UInt16(frame.payload[start + 1])
          settings[id] = UInt32(bigEndianBytes: frame.payload[(start + 2)..<(start + 6)])
        }
      }
    case .ping:
      if frame.flags & Frame.ack != 0 { pongs.append(frame.payload) } else { pings.append(frame) }
    case .goAway:
      var goAway = GoAway(UInt32(bigEndianBytes: frame.payload[..<4]) & 0x7fff_ffff, .noError)
      goAway.code = UInt32(bigEndianBytes: frame.payload[4..<8])
      goAways.append(goAway)
      goAwayText = String(decoding: frame.payload[8...], as: UTF8.self)
    case .windowUpdate:
      let size = Int(UInt32(bigEndianBytes: frame.payload))
      if frame.stream == 0 {
        connectionCredit += size
      } else {
        streams[frame.stream, default: Stream()].credit += size
      }
    case .priority, .pushPromise, nil: break
    }
  }

  private func endBlock() {
    guard let block else { return }
    self.block = nil
    streams[block.stream, default: Stream()].blocks.append(headers.decode(block.bytes) ?? [])
    if block.end { streams[block.stream]?.isEnded = true }
  }
}

/// gRPC's length-prefixed message, by hand.
package enum Envelope {
  package static func bytes(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + UInt32(message.count).bigEndianBytes + message
  }

  /// The whole messages at the front of `bytes`.
  package static func split(_ bytes: [UInt8]) -> [(flag: UInt8, message: [UInt8])] {
    var found: [(UInt8, [UInt8])] = []
    var rest = bytes[...]
    while rest.count >= 5 {
      let start = rest.startIndex
      let length = Int(UInt32(bigEndianBytes: rest[(start + 1)..<(start + 5)]))
      guard rest.count >= 5 + length else { break }
      found.append((rest[start], Array(rest[(start + 5)..<(start + 5 + length)])))
      rest = rest.dropFirst(5 + length)
    }
    return found
  }
}

/// The fields of a gRPC request.
package func grpcFields(_ path: String, _ more: [Field] = []) -> [Field] {
  [
    ":method: POST", ":scheme: http", Field(":path", path), ":authority: test", "te: trailers",
    "content-type: application/grpc",
  ] + more
}

/// Every way to cut `bytes` in two, and all its bytes one by one.
package func everySplit<Byte>(of bytes: [Byte]) -> [[[Byte]]] {
  (0...bytes.count).map { [Array(bytes[..<$0]), Array(bytes[$0...])] } + [bytes.map { [$0] }]
}
