// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

@testable import AmaruProtocols

extension Compression {
  func compress(_ bytes: [UInt8], _ coding: ContentCoding) -> [UInt8] {
    bytes.withUnsafeBytes { compress($0, coding) } ?? []
  }

  func decompress(
    _ bytes: [UInt8], maxBytes: Int = 1 << 22, maxRatio: Int = 100
  ) throws -> [UInt8] {
    try bytes.withUnsafeBytes { try decompress($0, maxBytes: maxBytes, maxRatio: maxRatio) }
  }
}

struct CompressionTests {
  private let compression = Compression()

  private static func noise(_ count: Int) -> [UInt8] {
    var state: UInt64 = 42
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  @Test(arguments: [ContentCoding.gzip, .deflate], [0, 1, 100, 4095, 4096, 4097, 100_000])
  func whatIsCompressedComesBack(_ coding: ContentCoding, _ count: Int) throws {
    for bytes in [Self.noise(count), (0..<count).map { UInt8(truncatingIfNeeded: $0 / 9) }] {
      for _ in 0..<2 {
        let compressed = compression.compress(bytes, coding)
        #expect(try compression.decompress(compressed) == bytes)
      }
    }
  }

  @Test func theFormatsAreThoseOfTheirNames() {
    #expect(compression.compress([1, 2, 3], .gzip).prefix(2) == [0x1f, 0x8b])
    #expect(compression.compress([1, 2, 3], .deflate).prefix(1) == [0x78])
  }

  @Test(arguments: [ContentCoding.gzip, .deflate], [1, 1000, 4096, 65_536, 100_000])
  func aMessageOfJustTheLimitPassesAndOneByteMoreIsExhausted(
    _ coding: ContentCoding, _ count: Int
  ) throws {
    let compressed = compression.compress(Self.noise(count), coding)
    #expect(try compression.decompress(compressed, maxBytes: count).count == count)
    let error = #expect(throws: RPCError.self) {
      try compression.decompress(compressed, maxBytes: count - 1)
    }
    #expect(error?.code == .resourceExhausted)
    #expect(error?.message.contains("\(count - 1) bytes") == true)
  }

  @Test(arguments: [ContentCoding.gzip, .deflate])
  func aBombIsStoppedByItsRatio(_ coding: ContentCoding) {
    let bomb = compression.compress([UInt8](repeating: 0, count: 9 << 20), coding)
    #expect(bomb.count < 100_000)
    let error = #expect(throws: RPCError.self) {
      try compression.decompress(bomb, maxBytes: 1 << 30, maxRatio: 100)
    }
    #expect(error?.code == .resourceExhausted)
    #expect(error?.message.contains("100 times") == true)
  }

  @Test func aShortMessageMayInflateBeyondTheRatio() throws {
    let zeros = [UInt8](repeating: 0, count: Compression.alwaysAllowedBytes)
    let isWhole = try compression.decompress(compression.compress(zeros, .gzip), maxRatio: 1) == zeros
    #expect(isWhole)
    let error = #expect(throws: RPCError.self) {
      _ = try compression.decompress(compression.compress(zeros + [0], .gzip), maxRatio: 1)
    }
    #expect(error?.code == .resourceExhausted)
  }

  @Test(arguments: [ContentCoding.gzip, .deflate])
  func whatIsCutShortAnywhereIsMalformed(_ coding: ContentCoding) {
    let compressed = compression.compress(Self.noise(300), coding)
    for count in 0..<compressed.count {
      let error = #expect(throws: RPCError.self) {
        try compression.decompress(Array(compressed[..<count]))
      }
      #expect(error?.code == .internal)
    }
  }

  @Test(arguments: [ContentCoding.gzip, .deflate])
  func whatFollowsTheEndIsMalformed(_ coding: ContentCoding) {
    let compressed = compression.compress([1, 2, 3], coding)
    for tail in [[0], [0, 0, 0, 0], compressed] {
      #expect(throws: RPCError.self) { try compression.decompress(compressed + tail) }
    }
  }

  @Test(arguments: [[], [0], [0x1f], [0x1f, 0x8b], Array("plain text".utf8), [UInt8](repeating: 255, count: 100)])
  func whatWasNeverCompressedIsMalformed(_ bytes: [UInt8]) {
    let error = #expect(throws: RPCError.self) { try compression.decompress(bytes) }
    #expect(error?.code == .internal)
  }

  @Test func everyChangedByteIsMalformedOrHarmless() {
    let bytes = Self.noise(200)
    let compressed = compression.compress(bytes, .deflate)
    for index in compressed.indices {
      var changed = compressed
      changed[index] ^= 0x55
      // The check sum tells; what got through would be the message.
      if let result = try? compression.decompress(changed) { #expect(result == bytes) }
    }
    #expect((try? compression.decompress(compressed)) == bytes)
  }

  @Test func anErrorDoesNotSpoilTheNextMessage() throws {
    let compressed = compression.compress([1, 2, 3], .gzip)
    _ = try? compression.decompress([1, 2, 3])
    _ = try? compression.decompress(compressed, maxBytes: 1)
    #expect(try compression.decompress(compressed) == [1, 2, 3])
  }

  @Test func limitsThatAreTurnedOffDoNotTrap() throws {
    let compressed = compression.compress([1, 2, 3], .gzip)
    #expect(try compression.decompress(compressed, maxBytes: .max, maxRatio: .max) == [1, 2, 3])
    for ratio in [Int.max, Int.max - 1, Int.max / 2, 1 << 56] {
      for count in [70_000] {
        let zeros = [UInt8](repeating: 0, count: count)
        for tail in [[], [1], [1, 2]] as [[UInt8]] {
          let compressed = compression.compress(zeros + tail, .gzip)
          let back = try compression.decompress(compressed, maxBytes: .max, maxRatio: ratio)
          #expect(back == zeros + tail)
        }
      }
    }
  }
}
