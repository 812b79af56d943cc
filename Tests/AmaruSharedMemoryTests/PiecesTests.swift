// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruSharedMemory

/// Messages of every size go through one connection, in pieces when they must.
struct PiecesTests {
  private static let sizes = [0, 1, 501, 502, 503, 2040, 4096, 4097, 8192, 8193, 50_000, 3_000_000]

  @Test(arguments: [[], SegmentTests.classes])
  func messageOfAnySizeArrivesWhole(_ classes: [SlotClass]) throws {
    let segment = try Segment(SegmentLayout(ringBytes: 4096, slotClasses: classes))
    var writer = RingWriter(segment, .request)
    var pool = SlotPool(segment, .request)
    var reader = RingReader(segment, .request)
    let receiver = SlotReceiver(segment, .request, doorbell: try Doorbell())
    var assembler = MessageAssembler(maxBytes: 3_000_000)
    var limits = FrameLimits()
    limits.maxMessageBytes = 3_000_000
    for size in Self.sizes {
      let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
      var splitter = MessageSplitter(
        id: 9, message, maxBodyBytes: writer.maxBodyBytes, hasSlots: !classes.isEmpty)
      var waiting: Frame?
      var arrived: [[UInt8]] = []
      while !splitter.isDone || waiting != nil || arrived.isEmpty {
        // As many frames as the ring and the slots take, then the other side.
        while let frame = try waiting ?? splitter.next(&pool) {
          let (kind, flags, body) = try frame.encoded()
          let isTaken = try writer.append(kind: kind, flags: flags, body.span.bytes)
          waiting = isTaken ? nil : frame
          if !isTaken { break }
        }
        _ = writer.publish()
        while let header = try reader.next() {
          let frame = try Frame(header, reader.body, limits: limits)
          guard case .message(9, let payload, let more) = frame else {
            Issue.record("\(frame)")
            return
          }
          let whole =
            switch payload {
            case .inline(let bytes): try assembler.add(bytes.span.bytes, more: more)
            case .slot(let reference):
              try receiver.take(reference).withBytes {
                try assembler.add(RawSpan(_unsafeBytes: UnsafeRawBufferPointer($0)), more: more)
              }
            }
          if let whole { arrived.append(whole) }
        }
        _ = reader.release()
      }
      #expect(arrived == [message], "\(size) bytes")
      #expect(receiver.lentCount == 0 && assembler.pendingBytes == 0)
    }
  }

  @Test func messageOneByteOverTheLimitIsRefusedAtThePieceThatCrosses() throws {
    var assembler = MessageAssembler(maxBytes: 10)
    let five = [UInt8](repeating: 1, count: 5)
    #expect(try assembler.add(five.span.bytes, more: true) == nil)
    #expect(try assembler.add(five.span.bytes, more: false)?.count == 10)
    #expect(try assembler.add(five.span.bytes, more: true) == nil)
    let six = [UInt8](repeating: 1, count: 6)
    do {
      _ = try assembler.add(six.span.bytes, more: true)
      Issue.record("it was taken")
    } catch {
      #expect(error == .tooLarge(bytes: 11, limit: 10))
    }
    #expect(assembler.pendingBytes == 5)
  }

  @Test func emptyPiecesThatGoOnAreRefused() throws {
    var assembler = MessageAssembler(maxBytes: 10)
    let none: [UInt8] = []
    do {
      _ = try assembler.add(none.span.bytes, more: true)
      Issue.record("it was taken")
    } catch {
      #expect(error == .malformedFrame("an empty piece"))
    }
    #expect(try assembler.add(none.span.bytes, more: false) == [])
  }
}
