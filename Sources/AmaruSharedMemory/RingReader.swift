// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// The consumer's end of a ring. One owner, on one thread at a time.
///
/// The producer is not trusted. The tail and each record's header are loaded once and checked; a body is copied
/// before anybody looks at it, so that what was checked is what is used. After the first damage every
/// call throws.
package struct RingReader: ~Copyable {
  private let segment: Segment
  private let control: RingControl
  // SAFETY: `capacity` bytes of the segment's mapping, which `segment` keeps.
  private let ring: UnsafeMutableRawPointer
  private let capacity: Int
  private var head: UInt64 = 0
  private var releasedHead: UInt64 = 0
  private var knownTail: UInt64 = 0
  private var failure: SharedMemoryError?
  private var copy: [UInt8] = []
  private var bodyBytes = 0

  /// The consumer's end of a ring that nothing was read from yet.
  package init(_ segment: Segment, _ direction: Direction) {
    self.segment = segment
    control = segment.control(direction)
    ring = segment.ring(direction)
    capacity = segment.layout.ringBytes
  }

  /// The body of the record that ``next()`` gave last: a private copy.
  package var body: RawSpan {
    @_lifetime(borrow self)
    get { copy.span.extracting(first: bodyBytes).bytes }
  }

  /// Takes the next record, whose body is then in ``body``; nil when there is none now.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``, then and ever after.
  package mutating func next() throws(SharedMemoryError) -> RecordHeader? {
    guard try hasRecord() else { return nil }
    var header = try loadHeader()
    if header.kind == RecordHeader.padding {
      guard header.recordBytes == restOfRing, header.flags == 0 else {
        throw damaged("padding does not reach the end of the ring")
      }
      head &+= UInt64(header.recordBytes)
      // A producer publishes padding together with the record behind it.
      guard head != knownTail else { throw damaged("padding without a record behind it") }
      header = try loadHeader()
      guard header.kind != RecordHeader.padding else {
        throw damaged("padding at the beginning of the ring")
      }
    }
    guard header.length <= capacity / 2 - RecordHeader.bytes else {
      throw damaged("a record of \(header.length) bytes")
    }
    copyBody(header.length)
    head &+= UInt64(header.recordBytes)
    return header
  }

  /// Gives the room of all records taken back to the producer; whether it waits for room, and its doorbell has to be
  /// rung.
  package mutating func release() -> Bool {
    guard head != releasedHead else { return false }
    control.release(head: head)
    releasedHead = head
    return control.starved.takeFencing()
  }

  /// Asks to be rung when records are published; true when there are none yet, so that the caller may sleep.
  /// False: there are some, and nobody will ring. After any sleep, ``unpark()``.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``.
  package mutating func park() throws(SharedMemoryError) -> Bool {
    control.parked.setFencing()
    guard try hasRecord() else { return true }
    control.parked.clear()
    return false
  }

  /// Says that this end is awake, and looks at the ring by itself until it parks again.
  package func unpark() { control.parked.clear() }

  /// Whether a record can be taken.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``.
  package mutating func hasRecord() throws(SharedMemoryError) -> Bool {
    if let failure { throw failure }
    if head != knownTail { return true }
    let tail = control.tail
    // A tail that goes back is far ahead by this subtraction.
    guard tail &- releasedHead <= UInt64(capacity), tail &- head <= UInt64(capacity), tail % 8 == 0
    else { throw damaged("the tail of a ring is out of range") }
    knownTail = tail
    return head != tail
  }

  private var offset: Int { Int(head & UInt64(capacity - 1)) }
  private var restOfRing: Int { capacity - offset }

  /// The header at the head: there is a record, so at least eight bytes.
  private mutating func loadHeader() throws(SharedMemoryError) -> RecordHeader {
    // SAFETY: the offset is a multiple of eight below the capacity. One load: the peer may write on.
    let word = UInt64(littleEndian: amaru_load_u64(ring + offset))
    guard let header = RecordHeader(word: word) else {
      throw damaged("unknown bits in a record's header")
    }
    guard header.recordBytes <= restOfRing, UInt64(header.recordBytes) <= knownTail &- head else {
      throw damaged("a record goes beyond what was published")
    }
    return header
  }

  private mutating func copyBody(_ count: Int) {
    if copy.count < count { copy = [UInt8](repeating: 0, count: max(count, 2 * copy.count, 256)) }
    let source = UnsafeRawBufferPointer(start: ring + offset + RecordHeader.bytes, count: count)
    // SAFETY: `count` bytes behind the header are inside the ring, and `copy` is at least as long.
    copy.withUnsafeMutableBytes { $0.copyMemory(from: source) }
    bodyBytes = count
  }

  private mutating func damaged(_ text: String) -> SharedMemoryError {
    let error = SharedMemoryError.corrupted(text)
    failure = error
    return error
  }
}
