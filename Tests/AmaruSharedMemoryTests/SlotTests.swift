// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruSharedMemory

struct SlotTests {
  private let segment: Segment
  private let doorbell: Doorbell
  private let receiver: SlotReceiver

  init() throws {
    segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: SegmentTests.classes))
    doorbell = try Doorbell()
    receiver = SlotReceiver(segment, .request, doorbell: doorbell)
  }

  @Test func payloadGoesToTheSmallestClassThatHasRoom() throws {
    var pool = SlotPool(segment, .request)
    var taken: [SlotReference] = []
    while let reference = try pool.allocate(4096, { $0.copyBytes(from: repeatElement(7, count: 4096)) }) {
      taken.append(reference)
    }
    #expect(taken.map(\.slotClass) == [0, 0, 0, 1, 1])
    #expect(Set(taken).count == 5)
    let lent = try receiver.take(taken[4])
    #expect(lent.withBytes { $0.count == 4096 && $0.allSatisfy { $0 == 7 } })
  }

  @Test func payloadOneByteLargerThanAnySlotIsRefused() throws {
    var pool = SlotPool(segment, .request)
    #expect(try pool.allocate(8192) { _ in }?.slotClass == 1)
    do {
      _ = try pool.allocate(8193) { _ in }
      Issue.record("it was taken")
    } catch {
      #expect(error == .tooLarge(bytes: 8193, limit: 8192))
    }
  }

  @Test func slotReturnsWhenItsLastHolderIsGone() throws {
    var pool = SlotPool(segment, .request)
    var references: [SlotReference] = []
    while let reference = try pool.allocate(1, { _ in }) { references.append(reference) }
    var holder: LentSlot? = try receiver.take(references[1])
    var otherHolder = holder
    holder = nil
    #expect(receiver.lentCount == 1)
    #expect(try pool.allocate(1, { _ in }) == nil)
    #expect(otherHolder?.withBytes { $0.count } == 1)
    otherHolder = nil
    #expect(receiver.lentCount == 0)
    #expect(try pool.allocate(1, { _ in }) == references[1])
  }

  @Test func freedSlotIsFoundAndItsProducerRung() throws {
    var pool = SlotPool(segment, .request)
    var last: SlotReference?
    while let reference = try pool.allocate(1, { _ in }) { last = reference }
    pool.waitForSlot()
    let reference = try #require(last)
    do { _ = try receiver.take(reference) }
    #expect(receiver.lentCount == 0)
    #expect(!segment.control(.request).starved.isSetAcquiring)
    #expect(try pool.allocate(1, { _ in }) == reference)
  }

  @Test func referencesThatAreWrongAreDamage() throws {
    let wrong = [
      SlotReference(slotClass: 2, index: 0, length: 1), SlotReference(slotClass: -1, index: 0, length: 1),
      SlotReference(slotClass: 0, index: 3, length: 1), SlotReference(slotClass: 0, index: -1, length: 1),
      SlotReference(slotClass: 0, index: 0, length: 4097), SlotReference(slotClass: 0, index: 0, length: -1),
    ]
    for reference in wrong {
      #expect(throws: SharedMemoryError.self) { try receiver.take(reference) }
    }
    let lent = try receiver.take(SlotReference(slotClass: 0, index: 0, length: 4096))
    #expect(throws: SharedMemoryError.corrupted("slot 0 of class 0 is lent already")) {
      try receiver.take(SlotReference(slotClass: 0, index: 0, length: 1))
    }
    #expect(lent.withBytes { $0.count } == 4096)
  }

  @Test func slotIsReadableAfterEverythingElseIsGone() throws {
    func lend() throws -> LentSlot {
      let segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: SegmentTests.classes))
      var pool = SlotPool(segment, .response)
      let reference = try pool.allocate(3) { $0.copyBytes(from: [1, 2, 3]) }
      return try SlotReceiver(segment, .response, doorbell: doorbell).take(#require(reference))
    }
    let lent = try lend()
    #expect(lent.withBytes { Array($0) } == [1, 2, 3])
  }
}
