// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// The producer's end of a ring. One owner, on one thread at a time.
///
/// Records are appended, then published together: one store, one fence and at most one system call
/// for a batch. The writer keeps its own tail and never reads it back; of the shared words it reads
/// the head, which is checked.
package struct RingWriter: ~Copyable {
  private let segment: Segment
  private let control: RingControl
  // SAFETY: `capacity` bytes of the segment's mapping, which `segment` keeps.
  private let ring: UnsafeMutableRawPointer
  private let capacity: Int
  private var tail: UInt64 = 0
  private var publishedTail: UInt64 = 0
  private var knownHead: UInt64 = 0
  private var failure: SharedMemoryError?

  /// The producer's end of a ring that nothing was written to yet.
  package init(_ segment: Segment, _ direction: Direction) {
    self.segment = segment
    control = segment.control(direction)
    ring = segment.ring(direction)
    capacity = segment.layout.ringBytes
  }

  /// The most bytes that the body of one record may have: a record of half the ring fits into an empty
  /// ring wherever it begins.
  package var maxBodyBytes: Int { capacity / 2 - RecordHeader.bytes }

  /// Whether records are appended that were not published.
  package var hasUnpublished: Bool { tail != publishedTail }

  /// Appends a record; false when there is no room for it now.
  ///
  /// - Parameter kind: Anything but 0.
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)``; ``SharedMemoryError/corrupted(_:)`` when the
  ///   peer has damaged the head, then and ever after.
  package mutating func append(
    kind: UInt8, flags: UInt8 = 0, _ body: RawSpan
  ) throws(SharedMemoryError) -> Bool {
    try append(kind: kind, flags: flags, count: body.byteCount) { place in
      body.withUnsafeBytes { place.copyMemory(from: $0) }
    }
  }

  /// Appends a record whose body is a call's id and then `payload`; false when there is no room for it now.
  ///
  /// - Throws: As ``append(kind:flags:_:)``.
  package mutating func append(
    kind: UInt8, flags: UInt8 = 0, id: UInt64, _ payload: UnsafeRawBufferPointer
  ) throws(SharedMemoryError) -> Bool {
    try append(kind: kind, flags: flags, count: 8 + payload.count) { place in
      place.storeBytes(of: id.littleEndian, as: UInt64.self)
      // SAFETY: behind the id are as many bytes as the payload has.
      UnsafeMutableRawBufferPointer(rebasing: place[8...]).copyMemory(from: payload)
    }
  }

  /// Whether a record with a body of `count` bytes can be appended now.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``.
  package mutating func canAppend(_ count: Int) throws(SharedMemoryError) -> Bool {
    try hasRoom(RecordHeader.recordBytes(count))
  }

  @inline(__always)
  private mutating func append(
    kind: UInt8, flags: UInt8, count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) throws(SharedMemoryError) -> Bool {
    guard count <= maxBodyBytes else { throw .tooLarge(bytes: count, limit: maxBodyBytes) }
    let needed = RecordHeader.recordBytes(count)
    guard try hasRoom(needed) else { return false }
    let rest = restOfRing
    if rest < needed {
      let padding = rest - RecordHeader.bytes
      store(RecordHeader(kind: RecordHeader.padding, flags: 0, length: padding))
      tail &+= UInt64(rest)
    }
    store(RecordHeader(kind: kind, flags: flags, length: count))
    // SAFETY: `needed` bytes are free behind the tail, and do not cross the ring's end.
    fill(
      UnsafeMutableRawBufferPointer(
        start: ring + offset + RecordHeader.bytes, count: count))
    tail &+= UInt64(needed)
    return true
  }

  /// Makes everything appended visible; whether the consumer sleeps, and its doorbell has to be rung.
  package mutating func publish() -> Bool {
    guard hasUnpublished else { return false }
    control.publish(tail: tail)
    publishedTail = tail
    return control.parked.takeFencing()
  }

  /// Asks to be rung when room is freed, after everything appended was published; true when there is still no room
  /// for a body of `count` bytes, so that the caller may sleep. False: try again.
  ///
  /// - Throws: ``SharedMemoryError/corrupted(_:)``.
  package mutating func waitForRoom(_ count: Int) throws(SharedMemoryError) -> Bool {
    guard count <= maxBodyBytes else { throw .tooLarge(bytes: count, limit: maxBodyBytes) }
    control.starved.setFencing()
    guard try hasRoom(RecordHeader.recordBytes(count)) else { return true }
    control.starved.clear()
    return false
  }

  /// Takes back what ``waitForRoom(_:)`` asked for.
  package func stopWaiting() { control.starved.clear() }

  private var offset: Int { Int(tail & UInt64(capacity - 1)) }
  private var restOfRing: Int { capacity - offset }

  /// Whether a record of `needed` bytes fits, with the padding in front of it.
  private mutating func hasRoom(_ needed: Int) throws(SharedMemoryError) -> Bool {
    if let failure { throw failure }
    let total = UInt64(restOfRing < needed ? restOfRing + needed : needed)
    let end = tail &+ total
    if end &- knownHead <= UInt64(capacity) { return true }
    let head = control.head
    // What the peer may release is what was published and not released before.
    guard head &- knownHead <= publishedTail &- knownHead, head % 8 == 0 else {
      let error = SharedMemoryError.corrupted("the head of a ring is out of range")
      failure = error
      throw error
    }
    knownHead = head
    return end &- head <= UInt64(capacity)
  }

  private func store(_ header: RecordHeader) {
    // SAFETY: the offset is a multiple of eight below the capacity.
    amaru_store_u64(ring + offset, header.word.littleEndian)
  }
}
