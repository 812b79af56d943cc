// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruSharedMemory

/// A peer that writes what it should not.
struct RingDamageTests {
  private let segment: Segment
  private static let tail = 0x1000, head = 0x1080, ring = 0x4000

  init() throws {
    segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: []))
  }

  private func store(_ value: UInt64, at offset: Int) {
    segment.everything.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }

  @Test(arguments: [1, 7, 4104, 1 << 40, .max, .max - 7] as [UInt64])
  func tailOutOfRangeIsDamageForGood(_ tail: UInt64) throws {
    store(tail, at: Self.tail)
    var reader = RingReader(segment, .request)
    for _ in 0..<2 {
      do {
        _ = try reader.next()
        Issue.record("a record came")
      } catch {
        #expect(error == .corrupted("the tail of a ring is out of range"))
      }
      store(0, at: Self.tail)
    }
  }

  @Test func tailThatGoesBackIsDamage() throws {
    store(UInt64(8), at: Self.ring)
    store(RecordHeader(kind: 1, flags: 0, length: 8).word, at: Self.ring)
    store(16, at: Self.tail)
    var reader = RingReader(segment, .request)
    #expect(try reader.next()?.length == 8)
    _ = reader.release()
    store(8, at: Self.tail)
    let isFound = isDamaged(&reader)
    #expect(isFound)
  }

  @Test(arguments: [8, 4, .max, 1 << 32] as [UInt64])
  func headOutOfRangeIsDamageForGood(_ head: UInt64) throws {
    var writer = RingWriter(segment, .request)
    let body = [UInt8](repeating: 0, count: 2000)
    _ = try writer.append(kind: 1, body.span.bytes)
    _ = try writer.append(kind: 1, body.span.bytes)
    // Nothing is published, so that nothing can have been released.
    store(head, at: Self.head)
    for _ in 0..<2 {
      do {
        _ = try writer.append(kind: 1, body.span.bytes)
        Issue.record("it was taken")
      } catch {
        #expect(error == .corrupted("the head of a ring is out of range"))
      }
      store(0, at: Self.head)
    }
  }

  @Test func wrongHeadersAreDamage() throws {
    let cases: [(tail: UInt64, header: RecordHeader)] = [
      // Beyond what was published, by one byte.
      (16, RecordHeader(kind: 1, flags: 0, length: 9)),
      // Larger than a record may be, by one byte.
      (4096, RecordHeader(kind: 1, flags: 0, length: 2041)),
      (4096, RecordHeader(kind: 1, flags: 0, length: 4096)),
      (4096, RecordHeader(kind: 1, flags: 0, length: 0xffff_ffff)),
      (4096, RecordHeader(kind: 1, flags: 0, length: 0xffff_fff9)),
      // Padding that does not reach the end, has flags, or nothing behind it.
      (4096, RecordHeader(kind: 0, flags: 0, length: 8)),
      (4096, RecordHeader(kind: 0, flags: 1, length: 4088)),
      (4096, RecordHeader(kind: 0, flags: 0, length: 4088)),
    ]
    for (tail, header) in cases {
      store(header.word, at: Self.ring)
      store(tail, at: Self.tail)
      var reader = RingReader(segment, .request)
      let isFound = isDamaged(&reader)
      #expect(isFound, "\(header)")
    }
    for bit in 48..<64 {
      store(RecordHeader(kind: 1, flags: 0, length: 8).word | 1 << UInt64(bit), at: Self.ring)
      var reader = RingReader(segment, .request)
      let isFound = isDamaged(&reader)
      #expect(isFound)
    }
    store(RecordHeader(kind: 1, flags: 0, length: 2040).word, at: Self.ring)
    var reader = RingReader(segment, .request)
    #expect(try reader.next()?.length == 2040)
  }

  @Test func chanceInEveryByteNeverTraps() throws {
    var dice = Dice(state: 3)
    var damaged = 0
    for _ in 0..<3000 {
      for _ in 0..<20 {
        let value = Bool.random(using: &dice) ? UInt64.random(in: 0...300, using: &dice) : dice.next()
        store(value, at: Self.ring + 8 * Int.random(in: 0..<512, using: &dice))
      }
      store(UInt64.random(in: 0...513, using: &dice) * 8, at: Self.tail)
      var reader = RingReader(segment, .request)
      while true {
        do {
          guard let header = try reader.next() else { break }
          #expect(reader.body.byteCount == header.length && header.length <= 2040)
        } catch {
          damaged += 1
          break
        }
      }
    }
    #expect(damaged > 100)
  }

  private func isDamaged(_ reader: inout RingReader) -> Bool {
    do {
      while try reader.next() != nil {}
      return false
    } catch {
      return true
    }
  }
}
