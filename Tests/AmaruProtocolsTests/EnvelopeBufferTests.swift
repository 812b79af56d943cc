// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport
import Testing

@testable import AmaruProtocols

extension EnvelopeBuffer {
  mutating func append(_ bytes: [UInt8]) throws(RPCError) {
    var failure: RPCError?
    bytes.withUnsafeBytes { raw in
      do throws(RPCError) { try append(raw) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  mutating func takeAll() -> [(flag: UInt8, message: [UInt8])] {
    var all: [(UInt8, [UInt8])] = []
    while let (flag, message) = take() { all.append((flag, Array(message))) }
    return all
  }
}

struct EnvelopeBufferTests {
  private static let messages: [(flag: UInt8, message: [UInt8])] = [
    (0, [1, 2, 3]), (1, []), (0, []), (1, [UInt8](repeating: 7, count: 20)), (0, [9]),
  ]
  private static let bytes = messages.flatMap { Envelope.bytes($0.message, flag: $0.flag) }

  @Test(arguments: [false, true])
  func everySplitGivesTheSameMessages(_ takesEarly: Bool) throws {
    for pieces in everySplit(of: Self.bytes) {
      var buffer = EnvelopeBuffer(maxMessageBytes: 20)
      var got: [(flag: UInt8, message: [UInt8])] = []
      for piece in pieces {
        try buffer.append(piece)
        if takesEarly { got += buffer.takeAll() }
      }
      got += buffer.takeAll()
      #expect(got.map(\.message) == Self.messages.map(\.message))
      #expect(got.map(\.flag) == Self.messages.map(\.flag))
      #expect(buffer.isEmpty == true)
      #expect(buffer.hasPartialMessage == false)
      #expect(buffer.count == 0)
    }
  }

  @Test func aCutMessageIsPartialAtEveryByte() throws {
    let whole = Envelope.bytes([1, 2, 3])
    for count in 1..<whole.count {
      var buffer = EnvelopeBuffer(maxMessageBytes: 100)
      try buffer.append(whole + whole[..<count])
      #expect(buffer.messageCount == 1)
      #expect(buffer.hasPartialMessage == true)
      #expect(buffer.takeAll().count == 1)
      #expect(buffer.count == count)
    }
  }

  @Test(arguments: [0, 1, 100, 70_000])
  func aLengthOverTheLimitByOneIsExhaustedBeforeItsBytesCome(_ limit: Int) throws {
    var buffer = EnvelopeBuffer(maxMessageBytes: limit)
    try buffer.append(Envelope.bytes([UInt8](repeating: 1, count: limit)))
    #expect(buffer.messageCount == 1)
    let error = #expect(throws: RPCError.self) {
      try buffer.append([0] + UInt32(limit + 1).bigEndianBytes)
    }
    #expect(error?.code == .resourceExhausted)
    #expect(error?.message.contains("\(limit + 1)") == true)
  }

  @Test func theLargestLengthIsOverTheLimit() {
    var buffer = EnvelopeBuffer(maxMessageBytes: 4 << 20)
    let error = #expect(throws: RPCError.self) { try buffer.append([0, 255, 255, 255, 255]) }
    #expect(error?.code == .resourceExhausted)
    #expect(buffer.messageCount == 0)
  }

  @Test(arguments: [2, 3, 0x80, 0xff] as [UInt8])
  func anUnknownFlagIsInternal(_ flag: UInt8) {
    var buffer = EnvelopeBuffer(maxMessageBytes: 100)
    let error = #expect(throws: RPCError.self) {
      try buffer.append(Envelope.bytes([1], flag: flag))
    }
    #expect(error?.code == .internal)
  }

  @Test func aLongSequenceInRandomPiecesComesThroughWhole() throws {
    var random = SystemRandomNumberGenerator()
    let messages = (0..<400).map { number in
      [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 7 % 1500)
    }
    let bytes = messages.flatMap { Envelope.bytes($0) }
    var buffer = EnvelopeBuffer(maxMessageBytes: 1500)
    var got: [[UInt8]] = []
    var position = 0
    while position < bytes.count {
      let count = min(Int.random(in: 1...5000, using: &random), bytes.count - position)
      try buffer.append(Array(bytes[position..<(position + count)]))
      position += count
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        if let (_, message) = buffer.take() { got.append(Array(message)) }
      }
    }
    got += buffer.takeAll().map(\.message)
    #expect(got == messages)
  }

  @Test func lettingGoLeavesNothing() throws {
    var buffer = EnvelopeBuffer(maxMessageBytes: 100)
    try buffer.append(Self.bytes + [0])
    buffer.removeAll()
    #expect(buffer.isEmpty == true)
    #expect(buffer.takeAll().isEmpty)
    try buffer.append(Envelope.bytes([5]))
    #expect(buffer.takeAll().map(\.message) == [[5]])
  }
}
