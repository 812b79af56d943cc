// SPDX-License-Identifier: Apache-2.0

/// Where everything lies in a segment: a pure function of the ring's size and the slot classes.
///
/// ```
/// 0x0000  header, one page, written once by the creator
/// 0x1000  control of the request ring     tail +0x000, head +0x080, parked +0x100, starved +0x180
/// 0x1200  control of the response ring
/// 0x2000  states of the request slots, a word each
/// 0x3000  states of the response slots
/// 0x4000  request ring, response ring, request slots, response slots
/// ```
/// Source: `docs/protocols/shared-memory.md`, "Segment".
package struct SegmentLayout: Hashable, Sendable {
  /// Bytes of each ring: a power of two from 4 KiB to 64 MiB.
  package let ringBytes: Int
  /// The slot classes, of increasing size; at most ``maxClasses``.
  package let slotClasses: [SlotClass]
  /// The size of the whole segment.
  package let totalBytes: Int
  /// All slots of one direction.
  package let slotCount: Int
  private let poolBytes: Int

  /// What a client brings unless it is told otherwise: rings of 256 KiB, and slots for messages of up to 16 MiB. Memory that is
  /// not touched costs nothing.
  package static let usual = SegmentLayout(
    checked: 256 << 10,
    [
      SlotClass(slotBytes: 64 << 10, slotCount: 64), SlotClass(slotBytes: 1 << 20, slotCount: 16),
      SlotClass(slotBytes: 16 << 20, slotCount: 8),
    ])

  /// The least ring.
  package static let minRingBytes = 4 << 10
  /// The largest ring.
  package static let maxRingBytes = 64 << 20
  /// Slot classes of a segment.
  package static let maxClasses = 8
  /// Slots of one direction, all classes together: their state words fill one page.
  package static let maxSlots = 1024
  /// The largest slot.
  package static let maxSlotBytes = 1 << 30
  /// The largest segment.
  package static let maxTotalBytes = 1 << 36
  /// Bytes of the header that are set; the rest of its page is zero.
  static let headerBytes = 0x60
  /// Slots are whole pages of this size.
  static let pageBytes = 0x1000

  private static let magic: UInt64 = 0x4d48_5355_5241_4d41  // "AMARUSHM"
  private static let firstControl = 0x1000
  private static let controlBytes = 0x200
  private static let firstStates = 0x2000
  private static let firstRing = 0x4000

  /// The layout for a ring's size and slot classes.
  ///
  /// - Throws: ``SharedMemoryError/invalidLayout(_:)`` that names the limit that is crossed.
  package init(ringBytes: Int, slotClasses: [SlotClass]) throws(SharedMemoryError) {
    guard ringBytes >= Self.minRingBytes, ringBytes <= Self.maxRingBytes,
      ringBytes & (ringBytes - 1) == 0
    else { throw .invalidLayout("a ring of \(ringBytes) bytes") }
    guard slotClasses.count <= Self.maxClasses else {
      throw .invalidLayout("\(slotClasses.count) slot classes, more than \(Self.maxClasses)")
    }
    var last = 0
    var slots = 0
    for slotClass in slotClasses {
      let (bytes, count) = (slotClass.slotBytes, slotClass.slotCount)
      guard bytes > last, bytes <= Self.maxSlotBytes, bytes % Self.pageBytes == 0 else {
        throw .invalidLayout("slots of \(bytes) bytes")
      }
      guard count > 0, count <= Self.maxSlots - slots else {
        throw .invalidLayout("\(count) slots beside \(slots), more than \(Self.maxSlots)")
      }
      last = bytes
      slots += count
    }
    self.init(checked: ringBytes, slotClasses)
    guard totalBytes <= Self.maxTotalBytes else {
      throw .invalidLayout("\(totalBytes) bytes in all")
    }
  }

  private init(checked ringBytes: Int, _ slotClasses: [SlotClass]) {
    self.ringBytes = ringBytes
    self.slotClasses = slotClasses
    poolBytes = slotClasses.reduce(0) { $0 + $1.slotBytes * $1.slotCount }
    slotCount = slotClasses.reduce(0) { $0 + $1.slotCount }
    totalBytes = Self.firstRing + 2 * ringBytes + 2 * poolBytes
  }

  /// Where the control words of a ring begin.
  func controlOffset(_ direction: Direction) -> Int {
    Self.firstControl + (direction == .request ? 0 : Self.controlBytes)
  }

  /// Where a ring begins.
  func ringOffset(_ direction: Direction) -> Int {
    Self.firstRing + (direction == .request ? 0 : ringBytes)
  }

  /// Where the state word of a slot is; nil when there is no such slot.
  func stateOffset(_ direction: Direction, slotClass: Int, index: Int) -> Int? {
    guard let number = slotNumber(slotClass: slotClass, index: index) else { return nil }
    return Self.firstStates + (direction == .request ? 0 : Self.pageBytes) + 4 * number
  }

  /// Where the bytes of a slot begin; nil when there is no such slot.
  func slotOffset(_ direction: Direction, slotClass: Int, index: Int) -> Int? {
    guard slotNumber(slotClass: slotClass, index: index) != nil else { return nil }
    let pool = Self.firstRing + 2 * ringBytes + (direction == .request ? 0 : poolBytes)
    let before = slotClasses[..<slotClass].reduce(0) { $0 + $1.slotBytes * $1.slotCount }
    return pool + before + index * slotClasses[slotClass].slotBytes
  }

  /// The number of a slot among all of its direction; nil when there is no such slot.
  func slotNumber(slotClass: Int, index: Int) -> Int? {
    guard slotClasses.indices.contains(slotClass), index >= 0,
      index < slotClasses[slotClass].slotCount
    else { return nil }
    return slotClasses[..<slotClass].reduce(index) { $0 + $1.slotCount }
  }
}

extension SegmentLayout {
  /// What a client brings unless it has a reason: memory is taken only where something was written.
  package static var standard: SegmentLayout {
    get throws(SharedMemoryError) {
      try SegmentLayout(
        ringBytes: 256 << 10,
        slotClasses: [
          SlotClass(slotBytes: 64 << 10, slotCount: 32),
          SlotClass(slotBytes: 1 << 20, slotCount: 8),
          SlotClass(slotBytes: 32 << 20, slotCount: 2),
        ])
    }
  }
}

// MARK: The header

extension SegmentLayout {
  /// The version of the layout, and of the protocol.
  package static let version: UInt32 = 1

  /// The header as it stands at the beginning of a segment.
  func header() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: Self.magic)
    bytes.append(littleEndian: Self.version)
    bytes.append(littleEndian: UInt32(0))
    bytes.append(littleEndian: UInt64(totalBytes))
    bytes.append(littleEndian: UInt32(ringBytes))
    bytes.append(littleEndian: UInt32(slotClasses.count))
    for slotClass in slotClasses {
      bytes.append(littleEndian: UInt32(slotClass.slotBytes))
      bytes.append(littleEndian: UInt32(slotClass.slotCount))
    }
    bytes.append(contentsOf: repeatElement(0, count: Self.headerBytes - bytes.count))
    return bytes
  }

  /// The layout that a header tells of; the header is a private copy.
  ///
  /// - Throws: ``SharedMemoryError/invalidLayout(_:)`` or ``SharedMemoryError/versionMismatch(peer:own:)``.
  package init(header: [UInt8]) throws(SharedMemoryError) {
    var reader = ByteReader(header.span.bytes)
    guard header.count == Self.headerBytes, try reader.read(UInt64.self) == Self.magic else {
      throw .invalidLayout("no segment of this protocol")
    }
    let version = try reader.read(UInt32.self)
    guard version == Self.version else {
      throw .versionMismatch(peer: version, own: Self.version)
    }
    guard try reader.read(UInt32.self) == 0 else { throw .invalidLayout("unknown flags") }
    let total = try reader.read(UInt64.self)
    let ring = try reader.read(UInt32.self)
    let count = try reader.read(UInt32.self)
    guard count <= Self.maxClasses else { throw .invalidLayout("\(count) slot classes") }
    var classes: [SlotClass] = []
    for _ in 0..<count {
      let bytes = try reader.read(UInt32.self)
      let slots = try reader.read(UInt32.self)
      classes.append(SlotClass(slotBytes: Int(bytes), slotCount: Int(slots)))
    }
    while reader.remaining > 0 {
      guard try reader.read(UInt8.self) == 0 else { throw .invalidLayout("unknown fields") }
    }
    try self.init(ringBytes: Int(ring), slotClasses: classes)
    guard UInt64(totalBytes) == total else {
      throw .invalidLayout("\(total) bytes in all where \(totalBytes) are needed")
    }
  }
}
