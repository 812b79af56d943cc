// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

@Suite struct LimitTests {
  @Test(arguments: [(64, 64), (0, 0), (3, 3), (-5, 0), (256, 256), (100_000, 256)])
  func depthIsLimited(_ limit: Int, _ effective: Int) throws {
    let limits = MessagePackLimits(maxDepth: limit)
    let good = filled(max(effective - 1, 0), 0x91) + (effective > 0 ? [0x90] : [0xc0])
    let bad = filled(effective, 0x91) + [0x90]
    #expect(failure(MessagePackValue.self, good, limits) == nil)
    #expect(
      failure(MessagePackValue.self, bad, limits)?.reason == .depthLimitExceeded(limit: effective))
    let maps = hex(String(repeating: "8101", count: effective) + "80")
    #expect(
      failure(MessagePackValue.self, maps, limits)?.reason == .depthLimitExceeded(limit: effective))
    #expect(throws: MessagePackError(.depthLimitExceeded(limit: effective), offset: effective)) {
      var reader = MessagePackReader(bad.span, limits: limits)
      try reader.skip()
    }
    var reader = MessagePackReader(good.span, limits: limits)
    try reader.skip()
    try reader.finish()
  }

  @Test func siblingsDoNotCountAsDepth() throws {
    let bytes = hex("dc0100") + filled(256, 0x90)
    #expect(failure(MessagePackValue.self, bytes, MessagePackLimits(maxDepth: 2)) == nil)
    #expect(failure([[Int]].self, bytes, MessagePackLimits(maxDepth: 2)) == nil)
    #expect(failure([[Int]].self, bytes, MessagePackLimits(maxDepth: 1)) != nil)
  }

  @Test(arguments: [3, 40, 300, 70_000])
  func bytesAreLimited(_ count: Int) throws {
    let tight = MessagePackLimits(maxBytes: count - 1)
    let exact = MessagePackLimits(maxBytes: count)
    let reason = MessagePackError.Reason.byteLimitExceeded(count: count, limit: count - 1)
    func check<Value: MessagePackCodable>(_ value: Value) throws {
      let bytes = try value.messagePack()
      #expect(failure(Value.self, bytes, exact) == nil)
      #expect(failure(Value.self, bytes, tight)?.reason == reason)
      #expect(failure(MessagePackValue.self, bytes, tight)?.reason == reason)
      #expect(throws: MessagePackError(reason, offset: 0)) {
        var reader = MessagePackReader(bytes.span, limits: tight)
        try reader.skip()
      }
    }
    try check(String(repeating: "a", count: count))
    try check(filled(count))
    try check(MessagePackExtension(type: 1, bytes: filled(count)))
  }

  @Test(arguments: [3, 40, 70_000])
  func elementsAreLimited(_ count: Int) throws {
    let tight = MessagePackLimits(maxCount: count - 1)
    let exact = MessagePackLimits(maxCount: count)
    let reason = MessagePackError.Reason.countLimitExceeded(count: count, limit: count - 1)
    let array = try [Bool](repeating: true, count: count).messagePack()
    #expect(failure([Bool].self, array, exact) == nil)
    #expect(failure([Bool].self, array, tight) == MessagePackError(reason, offset: 0))
    #expect(failure(MessagePackValue.self, array, tight)?.reason == reason)
    let map = try Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, $0) }).messagePack()
    #expect(failure([Int: Int].self, map, exact) == nil)
    #expect(failure([Int: Int].self, map, tight) == MessagePackError(reason, offset: 0))
  }

  @Test(arguments: [
    "ddffffffff", "dfffffffff", "dbffffffff", "c6ffffffff", "c9ffffffff05", "dcffff", "deffff",
    "daffff", "c5ffff", "c8ffff05",
  ])
  func aLengthBeyondTheInputIsRefusedAtOnce(_ header: String) {
    let limits = MessagePackLimits(maxBytes: .max, maxCount: .max)
    for tail in [0, 7, 1000] {
      let bytes = hex(header) + filled(tail, 0x01)
      guard case .truncated? = failure(MessagePackValue.self, bytes, limits)?.reason else {
        Issue.record("\(header) with \(tail) bytes is not refused")
        continue
      }
      #expect(failure([Int].self, bytes, limits) != nil)
      #expect(failure([Int: Int].self, bytes, limits) != nil)
      #expect(failure(String.self, bytes, limits) != nil)
      #expect(failure([UInt8].self, bytes, limits) != nil)
    }
  }

  @Test func aMapNeedsTwoBytesForEachEntry() {
    #expect(failure([Int: Int].self, hex("8201020304")) == nil)
    #expect(failure([Int: Int].self, hex("82010203"))?.reason == .truncated(needed: 1))
    let long = hex("de0010") + filled(31, 0x01)
    #expect(failure([Int: Int].self, long) == MessagePackError(.truncated(needed: 1), offset: 0))
  }

  @Test func theEncoderLimitsDepthToo() throws {
    final class Nested: Encodable {
      let inner: [Nested]
      init(_ inner: [Nested]) { self.inner = inner }
    }
    // Each level is a map and an array.
    var value = Nested([])
    for _ in 0..<31 { value = Nested([value]) }
    let bytes = try MessagePackEncoder().encode(value)
    #expect(failure(MessagePackValue.self, bytes) == nil)
    #expect(throws: MessagePackError.self) { try MessagePackEncoder().encode(Nested([value])) }
    var encoder = MessagePackEncoder()
    encoder.maxDepth = 66
    #expect(throws: Never.self) { try encoder.encode(Nested([value])) }
  }
}
