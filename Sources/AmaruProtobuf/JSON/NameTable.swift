// SPDX-License-Identifier: Apache-2.0

/// Names with numbers, found by either: the fields of a message, the values of an enum.
///
/// The memory is never freed: there is one table for each type of the program, made on first use.
@safe
@usableFromInline
struct NameTable: @unchecked Sendable {
  /// A name.
  @safe
  struct Entry {
    // SAFETY: `count` bytes of memory that is never freed.
    let name: UnsafeRawPointer
    let count: Int
    /// Whether the name stands in JSON as it is, without escapes.
    let isPlain: Bool
    let number: Int32
    /// Counts the numbers in the order of the names.
    let index: Int
    /// Whether the next entry has the same number.
    fileprivate(set) var isFollowedByAlias = false

    var text: String {
      // SAFETY: the name's own bytes.
      let bytes = unsafe UnsafeRawBufferPointer(start: name, count: count)
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
  }

  // SAFETY: written before the table is shared, not changed afterwards, and never freed.
  private let entries: UnsafeMutableBufferPointer<Entry>
  /// Open addressing, at most half full: the place of an entry, or -1.
  private let slots: UnsafeMutableBufferPointer<Int32>
  /// The first entry of each number, in the order of the numbers.
  private let sorted: UnsafeMutableBufferPointer<Int32>

  /// How many names there are.
  var count: Int { @inline(__always) get { unsafe entries.count } }

  /// Makes a table. Names of one number follow each other; the first is the one to write.
  init(_ names: [(name: [UInt8], number: Int32)]) {
    unsafe entries = .allocate(capacity: names.count)
    var capacity = 4
    while capacity < names.count * 2 { capacity *= 2 }
    unsafe slots = .allocate(capacity: capacity)
    unsafe slots.initialize(repeating: -1)
    var firsts: [Int32] = []
    for (place, (name, number)) in names.enumerated() {
      if place > 0, names[place - 1].number == number {
        unsafe entries[place - 1].isFollowedByAlias = true
      } else {
        firsts.append(Int32(truncatingIfNeeded: place))
      }
      let isPlain = name.allSatisfy {
        $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
      }
      let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(name.count, 1), alignment: 8)
      for (offset, byte) in name.enumerated() {
        // SAFETY: as many bytes were allocated.
        unsafe bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
      }
      unsafe entries.initializeElement(
        at: place,
        to: Entry(
          name: bytes, count: name.count, isPlain: isPlain, number: number,
          index: firsts.count - 1))
      var slot = unsafe Self.hash(bytes, name.count) & (capacity - 1)
      while unsafe slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      unsafe slots[slot] = Int32(truncatingIfNeeded: place)
    }
    firsts.sort { left, right in
      let (one, other) = (names[Int(left)].number, names[Int(right)].number)
      return one == other ? left < right : one < other
    }
    // Of two aliases that do not follow each other, the first counts.
    var unique: [Int32] = []
    for place in firsts {
      if let last = unique.last, names[Int(last)].number == names[Int(place)].number { continue }
      unique.append(place)
    }
    unsafe sorted = .allocate(capacity: unique.count)
    _ = unsafe sorted.initialize(from: unique)
  }

  /// The entry at a place, which must be less than `count`.
  @inline(__always)
  subscript(place: Int) -> Entry {
    // SAFETY: the caller's duty, in this module only.
    unsafe entries[place]
  }

  /// The place of a name, or nil.
  ///
  /// SAFETY: `count` bytes must be there.
  @inline(__always)
  func place(of name: UnsafeRawPointer, _ count: Int) -> Int? {
    let mask = unsafe slots.count &- 1
    var slot = unsafe Self.hash(name, count) & mask
    while true {
      // SAFETY: the mask keeps the slot in range; half of the slots are free, so the loop ends.
      let place = Int(unsafe slots[slot])
      if place < 0 { return nil }
      let entry = self[place]
      if entry.count == count, unsafe Self.equal(name, entry.name, count) { return place }
      slot = (slot &+ 1) & mask
    }
  }

  /// The place of a name, or nil.
  func place(of name: Span<UInt8>) -> Int? {
    unsafe name.withUnsafeBytes { buffer in
      // SAFETY: the buffer is valid during the call; an empty one is not read.
      unsafe place(of: buffer.baseAddress ?? UnsafeRawPointer(Reader.nowhere), buffer.count)
    }
  }

  /// The first name of a number, or nil.
  func entry(of number: Int32) -> Entry? {
    var low = 0
    var high = unsafe sorted.count
    // Most enums count from zero.
    if number >= 0, Int(number) < high {
      let entry = self[Int(unsafe sorted[Int(number)])]
      if entry.number == number { return entry }
    }
    while low < high {
      let middle = (low &+ high) / 2
      let entry = self[Int(unsafe sorted[middle])]
      if entry.number < number { low = middle &+ 1 } else { high = middle }
    }
    guard unsafe low < sorted.count else { return nil }
    let entry = self[Int(unsafe sorted[low])]
    return entry.number == number ? entry : nil
  }

  // MARK: Bytes

  /// Mixes all bytes, so that no choice of keys makes the names of a schema collide.
  ///
  /// SAFETY: `count` bytes must be there.
  @inline(__always)
  private static func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    var state = UInt64(truncatingIfNeeded: count)
    if count >= 8 {
      var offset = 0
      while offset &+ 8 <= count {
        state = mix(state, unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
      }
      state = mix(state, unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
    } else if count >= 4 {
      let low = unsafe bytes.loadUnaligned(as: UInt32.self)
      let high = unsafe bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      state = mix(state, UInt64(low) | UInt64(high) << 32)
    } else if count > 0 {
      let first = unsafe bytes.load(as: UInt8.self)
      let middle = unsafe bytes.load(fromByteOffset: count / 2, as: UInt8.self)
      let last = unsafe bytes.load(fromByteOffset: count &- 1, as: UInt8.self)
      state = mix(state, UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16)
    }
    return Int(truncatingIfNeeded: state ^ (state >> 32))
  }

  @inline(__always)
  private static func mix(_ state: UInt64, _ word: UInt64) -> UInt64 {
    let product = (state ^ word) &* 0x9e37_79b9_7f4a_7c15
    return product ^ (product >> 29)
  }

  /// Whether two pieces of memory hold the same bytes.
  ///
  /// SAFETY: `count` bytes must be there in both.
  @inline(__always)
  static func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
    if count >= 8 {
      var offset = 0
      var difference: UInt64 = 0
      while offset &+ 8 <= count {
        difference |=
          unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset &+= 8
      }
      difference |=
        unsafe left.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      return difference == 0
    }
    if count >= 4 {
      let last = count &- 4
      let start =
        unsafe left.loadUnaligned(as: UInt32.self) ^ right.loadUnaligned(as: UInt32.self)
      let end =
        unsafe left.loadUnaligned(fromByteOffset: last, as: UInt32.self)
        ^ right.loadUnaligned(fromByteOffset: last, as: UInt32.self)
      return start | end == 0
    }
    var offset = 0
    while offset < count {
      if unsafe left.load(fromByteOffset: offset, as: UInt8.self)
        != right.load(fromByteOffset: offset, as: UInt8.self)
      {
        return false
      }
      offset &+= 1
    }
    return true
  }
}
