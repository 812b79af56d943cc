// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import AmaruSharedMemory

struct SegmentTests {
  static let classes = [
    SlotClass(slotBytes: 4096, slotCount: 3), SlotClass(slotBytes: 8192, slotCount: 2),
  ]

  @Test func headerIsTheTestVectorOfTheProtocol() throws {
    let layout = try SegmentLayout(ringBytes: 4096, slotClasses: Self.classes)
    let text = layout.header().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
    let vector =
      "414d4152555348" + "4d" + "01000000" + "00000000" + "00 40 01 00 00 00 00 00".filter { $0 != " " }
      + "00100000" + "02000000" + "00100000" + "03000000" + "00200000" + "02000000"
    #expect(layout.totalBytes == 0x4000 + 2 * 4096 + 2 * (3 * 4096 + 2 * 8192))
    #expect(text.joined().hasPrefix(vector))
    #expect(text.joined().dropFirst(vector.count).allSatisfy { $0 == "0" })
    #expect(try SegmentLayout(header: layout.header()) == layout)
  }

  @Test func eachLimitOfALayoutIsHeld() throws {
    func isAllowed(_ ring: Int, _ classes: [(Int, Int)] = []) -> Bool {
      let classes = classes.map { SlotClass(slotBytes: $0.0, slotCount: $0.1) }
      return (try? SegmentLayout(ringBytes: ring, slotClasses: classes)) != nil
    }
    #expect(isAllowed(4096) && !isAllowed(2048) && !isAllowed(4097) && !isAllowed(0))
    #expect(isAllowed(64 << 20) && !isAllowed(128 << 20) && !isAllowed(-4096))
    let eight = (1...8).map { ($0 * 4096, 1) }
    #expect(isAllowed(4096, eight) && !isAllowed(4096, eight + [(9 * 4096, 1)]))
    #expect(isAllowed(4096, [(4096, 1024)]) && !isAllowed(4096, [(4096, 1025)]))
    #expect(isAllowed(4096, [(4096, 1000), (8192, 24)]))
    #expect(!isAllowed(4096, [(4096, 1000), (8192, 25)]))
    #expect(!isAllowed(4096, [(4095, 1)]) && !isAllowed(4096, [(4096, 0)]))
    #expect(!isAllowed(4096, [(8192, 1), (8192, 1)]) && !isAllowed(4096, [(8192, 1), (4096, 1)]))
    #expect(isAllowed(4096, [(1 << 30, 31)]) && !isAllowed(4096, [(1 << 30, 32)]))
    #expect(!isAllowed(4096, [((1 << 30) + 4096, 1)]))
  }

  @Test func eachWrongFieldOfAHeaderIsRefused() throws {
    let layout = try SegmentLayout(ringBytes: 4096, slotClasses: Self.classes)
    for index in 0..<SegmentLayout.headerBytes {
      for value in [UInt8(0x7f), 0xff] {
        var header = layout.header()
        header[index] = value
        #expect(throws: SharedMemoryError.self, "byte \(index)") {
          try SegmentLayout(header: header)
        }
      }
    }
    var newer = layout.header()
    newer[8] = 2
    #expect(throws: SharedMemoryError.versionMismatch(peer: 2, own: 1)) {
      try SegmentLayout(header: newer)
    }
  }

  @Test func bothMappingsAreTheSameMemory() throws {
    let first = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: Self.classes))
    let copy = Descriptor(dup(first.descriptor.number))
    let second = try Segment(attaching: copy, maxBytes: first.layout.totalBytes)
    #expect(second.layout == first.layout)
    first.everything[first.layout.totalBytes - 1] = 77
    #expect(second.everything[first.layout.totalBytes - 1] == 77)
  }

  @Test func aFileOneByteOverTheLimitIsRefused() throws {
    let segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: []))
    #expect(throws: SharedMemoryError.self) {
      try Segment(attaching: segment.descriptor, maxBytes: segment.layout.totalBytes - 1)
    }
  }

  @Test func aFileOfAnotherSizeThanItsHeaderTellsIsRefused() throws {
    let segment = try Segment(
      SegmentLayout(ringBytes: 4096, slotClasses: [SlotClass(slotBytes: 4096, slotCount: 2)]))
    let smaller = try SegmentLayout(ringBytes: 4096, slotClasses: []).header()
    segment.everything.copyBytes(from: smaller)
    #expect(throws: SharedMemoryError.self) {
      try Segment(attaching: segment.descriptor, maxBytes: 1 << 30)
    }
  }

  @Test func descriptorsThatCouldShrinkOrAreNoMemoryAreRefused() throws {
    var descriptors = [try Doorbell().descriptor, try SharedMemoryConnection.ownProcess()]
    for folder in ["/dev/shm", "/tmp"] {
      // A file of memory without seals, and one of a disk.
      var template = Array("\(folder)/segment-test-XXXXXX".utf8CString)
      let file = Descriptor(mkstemp(&template))
      template.withUnsafeBufferPointer { _ = unlink($0.baseAddress!) }
      #expect(ftruncate(file.number, 1 << 20) == 0)
      descriptors.append(file)
    }
    for descriptor in descriptors {
      #expect(throws: SharedMemoryError.self) {
        try Segment(attaching: descriptor, maxBytes: 1 << 30)
      }
    }
  }

  @Test func sharedSegmentCannotBeResized() throws {
    let segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: []))
    #expect(ftruncate(segment.descriptor.number, 0) == -1)
    #expect(ftruncate(segment.descriptor.number, 1 << 30) == -1)
  }
}
