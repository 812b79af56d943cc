// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruSharedMemory

/// Numbers that are the same in every run.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 33) &* 0xff51_afd7_ed55_8ccd
  }
}

struct RingTests {
  private struct Record: Equatable {
    let kind: UInt8
    let flags: UInt8
    let body: [UInt8]
  }

  private static func segment(_ ringBytes: Int = 4096) throws -> Segment {
    try Segment(SegmentLayout(ringBytes: ringBytes, slotClasses: []))
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func recordsComeAsAnArrayWouldGiveThem(_ seed: UInt64) throws {
    var dice = Dice(state: seed)
    let segment = try Self.segment()
    var writer = RingWriter(segment, .request)
    var reader = RingReader(segment, .request)
    var published: [Record] = []
    var unpublished: [Record] = []
    var sum = 0
    for _ in 0..<20_000 {
      switch Int.random(in: 0..<10, using: &dice) {
      case 0..<4:
        let count = Int.random(in: 0...(Bool.random(using: &dice) ? 40 : 2040), using: &dice)
        let body = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
        let record = Record(
          kind: .random(in: 1...255, using: &dice), flags: .random(in: 0...255, using: &dice),
          body: body)
        if try writer.append(kind: record.kind, flags: record.flags, body.span.bytes) {
          unpublished.append(record)
        } else if unpublished.isEmpty, published.isEmpty {
          // All was taken, but perhaps not given back.
          _ = reader.release()
          let fits = try writer.append(kind: record.kind, flags: record.flags, body.span.bytes)
          #expect(fits)
          unpublished.append(record)
        }
      case 4..<6:
        _ = writer.publish()
        published += unpublished
        unpublished = []
      case 6..<9:
        let header = try reader.next()
        #expect((header == nil) == published.isEmpty)
        guard let header else { continue }
        let body = reader.body.withUnsafeBytes { [UInt8]($0) }
        #expect(Record(kind: header.kind, flags: header.flags, body: body) == published.removeFirst())
        sum += 1
      default: _ = reader.release()
      }
    }
    #expect(sum > 1000)
  }

  @Test func bodyOfTheLimitFitsEverywhereAndOneByteMoreNowhere() throws {
    let segment = try Self.segment()
    var writer = RingWriter(segment, .response)
    var reader = RingReader(segment, .response)
    let limit = writer.maxBodyBytes
    #expect(limit == 2040)
    let bytes = [UInt8](repeating: 9, count: limit + 1)
    for step in 0..<600 {
      #expect(try writer.append(kind: 1, bytes.span.extracting(first: step % 50).bytes))
      _ = writer.publish()
      _ = try reader.next()
      _ = reader.release()
      let fits = try writer.append(kind: 2, bytes.span.extracting(first: limit).bytes)
      #expect(fits)
      _ = writer.publish()
      #expect(try reader.next()?.length == limit)
      _ = reader.release()
    }
    do {
      _ = try writer.append(kind: 1, bytes.span.bytes)
      Issue.record("it was taken")
    } catch {
      #expect(error == .tooLarge(bytes: limit + 1, limit: limit))
    }
  }

  @Test func recordIsTheTestVectorOfTheProtocol() throws {
    let segment = try Self.segment()
    var writer = RingWriter(segment, .request)
    let body: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    #expect(try writer.append(kind: 2, flags: 0x81, body.span.bytes))
    #expect(segment.everything[0x1000] == 0)
    _ = writer.publish()
    #expect(segment.everything[0x1000] == 24)
    let vector: [UInt8] = [9, 0, 0, 0, 2, 0x81, 0, 0] + body
    #expect(Array(segment.everything[0x4000..<(0x4000 + vector.count)]) == vector)
  }

  @Test func whoSleepsIsRungOnce() throws {
    let segment = try Self.segment()
    var writer = RingWriter(segment, .request)
    var reader = RingReader(segment, .request)
    let body: [UInt8] = [1]
    func isRung(_ writer: inout RingWriter) throws -> Bool {
      _ = try writer.append(kind: 1, body.span.bytes)
      return writer.publish()
    }
    #expect(try !isRung(&writer))
    #expect(try !reader.park())
    #expect(try !isRung(&writer))
    while try reader.next() != nil {}
    #expect(try reader.park())
    #expect(try isRung(&writer))
    #expect(try !isRung(&writer))
    while try reader.next() != nil {}
    #expect(try reader.park())
    reader.unpark()
    #expect(try !isRung(&writer))
    #expect(writer.publish() == false)
  }

  @Test func writerIsRungWhenItWaitsForRoom() throws {
    let segment = try Self.segment()
    var writer = RingWriter(segment, .request)
    var reader = RingReader(segment, .request)
    let body = [UInt8](repeating: 1, count: 1000)
    #expect(try !writer.waitForRoom(1000))
    while try writer.append(kind: 1, body.span.bytes) {}
    _ = writer.publish()
    #expect(try writer.waitForRoom(1000))
    #expect(reader.release() == false)
    _ = try reader.next()
    #expect(reader.release() == true)
    #expect(try writer.append(kind: 1, body.span.bytes))
    _ = try reader.next()
    #expect(reader.release() == false)
  }
}
