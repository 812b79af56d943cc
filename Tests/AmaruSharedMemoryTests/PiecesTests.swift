// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruSharedMemory

/// Messages that come in pieces.
struct PiecesTests {
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
