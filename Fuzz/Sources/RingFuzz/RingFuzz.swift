// SPDX-License-Identifier: Apache-2.0

import AmaruSharedMemory

/// Plays a peer that writes arbitrary bytes into a segment, between the steps of this end.
///
/// Each step of the input is a byte that tells what to do, and what that needs: write some bytes
/// somewhere into the control words, the slot states or the rings; read records and decode them as frames;
/// append, publish, release, park; take slots. Nothing may trap, or read outside of the segment.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = Input(bytes: UnsafeRawBufferPointer(start: start, count: count)[...])
  guard let segment, let doorbell else { preconditionFailure("no segment") }
  // What an earlier input has left must not matter.
  UnsafeMutableRawBufferPointer(rebasing: segment.everything[firstFuzzed...].prefix(fuzzedBytes))
    .initializeMemory(as: UInt8.self, repeating: 0)
  var writer = RingWriter(segment, .request)
  var reader = RingReader(segment, .response)
  var pool = SlotPool(segment, .request)
  let receiver = SlotReceiver(segment, .response, doorbell: doorbell)
  var lent: [LentSlot] = []
  var isDamaged = false
  while let step = input.next() {
    do {
      switch step & 7 {
      case 0, 1:
        let offset = firstFuzzed + Int(input.word()) % (fuzzedBytes - 16)
        for index in 0..<Int(step >> 4) { segment.everything[offset + index] = input.next() ?? 0 }
      case 2: segment.everything[tailOffset] = input.next() ?? 0
      case 3:
        // As many as the ring can hold are enough to see that this ends.
        for _ in 0..<1024 {
          guard let header = try reader.next() else { break }
          precondition(!isDamaged, "a record after damage")
          precondition(reader.body.byteCount == header.length, "a body of another length")
          let frame = try? Frame(header, reader.body, limits: FrameLimits())
          if let frame {
            let again = try frame.encoded()
            precondition(again.kind == header.kind && again.flags == header.flags)
          }
          guard case .message(_, .slot(let reference), _) = frame else { continue }
          if let slot = try? receiver.take(reference) {
            precondition(slot.withBytes { $0.count } == reference.length)
            lent.append(slot)
          }
        }
      case 4:
        let body = [UInt8](repeating: step, count: Int(input.word()) % 2100)
        _ = try writer.append(kind: 1, body.span.bytes)
      case 5:
        _ = writer.publish()
        _ = try writer.waitForRoom(Int(step))
      case 6:
        _ = reader.release()
        if try !reader.park() { reader.unpark() }
      default:
        if !lent.isEmpty { lent.removeFirst() }
        if let taken = try pool.allocate(Int(input.word()) % 8193, { $0.copyBytes(from: [1]) }) {
          precondition(taken.index < 2)
          if step & 16 != 0 { pool.discard(taken) }
        }
      }
    } catch SharedMemoryError.corrupted {
      if step & 7 == 3 { isDamaged = true }
    } catch {}
  }
  return 0
}

private let layout = try? SegmentLayout(
  ringBytes: 4096,
  slotClasses: [
    SlotClass(slotBytes: 4096, slotCount: 2), SlotClass(slotBytes: 8192, slotCount: 1),
  ])
private let segment = layout.flatMap { try? Segment($0) }
private let doorbell = try? Doorbell()
/// Behind the header, up to the end of both rings.
private let firstFuzzed = 0x1000
private let fuzzedBytes = 0x5000
/// The tail of the ring that is read.
private let tailOffset = 0x1200

/// The input, byte by byte.
private struct Input {
  var bytes: Slice<UnsafeRawBufferPointer>

  mutating func next() -> UInt8? { bytes.popFirst() }

  mutating func word() -> UInt16 { UInt16(next() ?? 0) | UInt16(next() ?? 0) << 8 }
}
