// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

@testable import AmaruSharedMemory

struct FrameTests {
  private static func metadata() throws -> Metadata {
    var metadata = Metadata()
    try metadata.add("user", "ada")
    try metadata.add("trace-bin", [0, 255])
    return metadata
  }

  private static func decode(
    _ kind: UInt8, _ flags: UInt8, _ body: [UInt8], _ limits: FrameLimits = FrameLimits()
  ) throws(SharedMemoryError) -> Frame {
    let header = RecordHeader(kind: kind, flags: flags, length: body.count)
    return try Frame(header, body.span.bytes, limits: limits)
  }

  private static func frames() throws -> [Frame] {
    [
      .call(id: 1, CallHead(method: "add")),
      .call(
        id: .max,
        CallHead(
          method: "/a.B/C", deadline: Deadline(nanoseconds: 77), metadata: try metadata())),
      .message(id: 2, .inline([])), .message(id: 2, .inline([1]), more: true),
      .message(id: 2, .slot(SlotReference(slotClass: 0, index: 0, length: 1)), more: true),
      .message(id: 2, .inline([1, 2, 3])),
      .message(id: 2, .slot(SlotReference(slotClass: 1, index: 2, length: 4096))),
      .end(id: 3), .head(id: 4, try metadata()), .cancel(id: 5), .credit(id: 6, bytes: .max),
      .status(id: 7, CallStatus(code: .ok)),
      .status(
        id: 8,
        CallStatus(code: .notFound, message: "nö", details: [8, 5], trailers: try metadata())),
    ]
  }

  @Test func everyFrameComesBack() throws {
    for frame in try Self.frames() {
      let (kind, flags, body) = try frame.encoded()
      #expect(try Self.decode(kind, flags, body) == frame)
    }
  }

  @Test func everyCutAndEveryByteMoreIsMalformed() throws {
    for frame in try Self.frames() {
      let (kind, flags, body) = try frame.encoded()
      if case .message(_, .inline, _) = frame { continue }
      for count in 0..<body.count {
        #expect(throws: SharedMemoryError.self, "\(frame) cut to \(count)") {
          try Self.decode(kind, flags, Array(body.prefix(count)))
        }
      }
      #expect(throws: SharedMemoryError.self) { try Self.decode(kind, flags, body + [0]) }
    }
  }

  @Test func framesAreTheTestVectorsOfTheProtocol() throws {
    func hex(_ frame: Frame) throws -> String {
      let (kind, flags, body) = try frame.encoded()
      return ([kind, flags] + body).map {
        String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
      }.joined()
    }
    let call = Frame.call(
      id: 1, CallHead(method: "add", deadline: Deadline(nanoseconds: 1000), metadata: try Self.metadata()))
    #expect(
      try hex(call) == "0100" + "0100000000000000" + "e803000000000000" + "0300616464" + "0200"
        + "040075736572" + "03000000616461" + "090074726163652d62696e" + "0200000000ff")
    #expect(try hex(.message(id: 1, .inline([7, 8]))) == "0200" + "0100000000000000" + "0708")
    let slot = SlotReference(slotClass: 1, index: 2, length: 4097)
    #expect(
      try hex(.message(id: 1, .slot(slot))) == "0201" + "0100000000000000" + "01000000"
        + "02000000" + "0110000000000000")
    #expect(try hex(.message(id: 1, .inline([7]), more: true)) == "0202" + "0100000000000000" + "07")
    #expect(try hex(.end(id: 1)) == "0300" + "0100000000000000")
    #expect(try hex(.head(id: 1, Metadata())) == "0400" + "0100000000000000" + "0000")
    let status = CallStatus(code: .notFound, message: "no", details: [9])
    #expect(
      try hex(.status(id: 1, status)) == "0500" + "0100000000000000" + "05000000" + "020000006e6f"
        + "0100000009" + "0000")
    #expect(try hex(.cancel(id: 1)) == "0600" + "0100000000000000")
    #expect(try hex(.credit(id: 1, bytes: 65536)) == "0700" + "0100000000000000" + "0000010000000000")
  }

  @Test func eachLimitIsHeldToTheByte() throws {
    var limits = FrameLimits()
    limits.maxMethodBytes = 3
    limits.maxMetadataEntries = 2
    limits.maxMetadataBytes = 4 + 3 + 32 + 9 + 2 + 32
    limits.maxStatusBytes = 4
    func isTaken(_ frame: Frame) throws -> Bool {
      let (kind, flags, body) = try frame.encoded()
      return (try? Self.decode(kind, flags, body, limits)) != nil
    }
    #expect(try isTaken(.call(id: 1, CallHead(method: "abc"))))
    #expect(try !isTaken(.call(id: 1, CallHead(method: "abcd"))))
    #expect(try !isTaken(.call(id: 1, CallHead(method: ""))))
    var metadata = try Self.metadata()
    #expect(try isTaken(.head(id: 1, metadata)))
    limits.maxMetadataBytes -= 1
    #expect(try !isTaken(.head(id: 1, metadata)))
    limits.maxMetadataBytes = 1000
    try metadata.add("third", "x")
    #expect(try !isTaken(.head(id: 1, metadata)))
    #expect(try isTaken(.status(id: 1, CallStatus(code: .ok, message: "four", details: [1, 2, 3, 4]))))
    #expect(try !isTaken(.status(id: 1, CallStatus(code: .ok, message: "fives"))))
    #expect(try !isTaken(.status(id: 1, CallStatus(code: .ok, details: [1, 2, 3, 4, 5]))))
  }

  @Test func unknownKindsFlagsAndValuesAreMalformed() throws {
    let id: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
    let none = [UInt8](repeating: 0, count: 8)
    let wrong: [(UInt8, UInt8, [UInt8])] = [
      (8, 0, id), (255, 0, id), (3, 1, id), (2, 4, id), (2, 128, id), (3, 2, id), (3, 0, none), (7, 0, id + none),
      // Status 17; a text that is not UTF-8; a reserved name; a text with a control character.
      (5, 0, id + [17, 0, 0, 0] + none + [0, 0]), (1, 0, id + none + [1, 0, 0xff, 0, 0]),
      (4, 0, id + [1, 0, 2, 0, 0x74, 0x65, 1, 0, 0, 0, 0x61]),
      (4, 0, id + [1, 0, 1, 0, 0x74, 1, 0, 0, 0, 0x0a]),
    ]
    for (kind, flags, body) in wrong {
      #expect(throws: SharedMemoryError.self, "\(kind) \(flags) \(body)") {
        try Self.decode(kind, flags, body)
      }
    }
  }

  @Test func chanceNeverTraps() throws {
    var dice = Dice(state: 11)
    var taken = 0
    for _ in 0..<30_000 {
      let count = Int(dice.next() % 60)
      var body = (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next() % 5) }
      if let last = body.indices.last { body[last] = UInt8(truncatingIfNeeded: dice.next()) }
      let kind = UInt8(dice.next() % 9)
      if (try? Self.decode(kind, UInt8(dice.next() % 2), body)) != nil { taken += 1 }
    }
    #expect(taken > 100)
  }
}
