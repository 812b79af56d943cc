// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruSharedMemory

/// Two threads on the two ends of a ring, asleep on doorbells whenever there is nothing to do.
struct RingThreadTests {
  private struct Asleep: Error {}

  /// Sleeps until the doorbell is rung; an error when that has not come after a time in which any
  /// machine would have rung it.
  private static func sleep(on doorbell: Doorbell) throws {
    var entry = pollfd(fd: doorbell.descriptor.number, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, 60_000) == 1 else { throw Asleep() }
    doorbell.silence()
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func everyRecordArrivesInOrderAndNoWakeUpIsLost(_ seed: UInt64) async throws {
    let count: UInt64 = 50_000
    let segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: []))
    let consumerBell = try Doorbell()
    let producerBell = try Doorbell()

    async let written: Void = onThread {
      var dice = Dice(state: seed)
      var writer = RingWriter(segment, .request)
      var batch = 0
      for number in 0..<count {
        var body: [UInt8] = []
        body.append(littleEndian: number)
        body += repeatElement(UInt8(truncatingIfNeeded: number), count: Int(dice.next() % 200))
        while try !writer.append(kind: 1, body.span.bytes) {
          if writer.publish() { consumerBell.ring() }
          if try writer.waitForRoom(body.count) { try Self.sleep(on: producerBell) }
        }
        batch += 1
        if batch >= dice.next() % 8 {
          if writer.publish() { consumerBell.ring() }
          batch = 0
        }
        if dice.next() % 512 == 0 { sched_yield() }
      }
      if writer.publish() { consumerBell.ring() }
    }
    async let read: UInt64 = onThread {
      var dice = Dice(state: seed &+ 100)
      var reader = RingReader(segment, .request)
      var expected: UInt64 = 0
      while expected < count {
        while try reader.next() != nil {
          var body = ByteReader(reader.body)
          guard try body.read(UInt64.self) == expected else { return expected }
          while body.remaining > 0 {
            guard try body.read(UInt8.self) == UInt8(truncatingIfNeeded: expected) else {
              return expected
            }
          }
          expected += 1
          if dice.next() % 4 == 0, reader.release() { producerBell.ring() }
          if dice.next() % 512 == 0 { sched_yield() }
        }
        if reader.release() { producerBell.ring() }
        if expected < count, try reader.park() {
          try Self.sleep(on: consumerBell)
          reader.unpark()
        }
      }
      return expected
    }
    let (_, arrived) = try await (written, read)
    #expect(arrived == count)
  }
}
