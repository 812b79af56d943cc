// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruIO

@Suite(.ownThread)
struct LineWriterTests {
  /// A pipe with a reader that reads when it is told to.
  private struct Pipe {
    let reader: Int32
    let writer: Int32

    init() {
      var ends: [Int32] = [-1, -1]
      _ = pipe(&ends)
      (reader, writer) = (ends[0], ends[1])
    }

    func close() {
      Glibc.close(reader)
      Glibc.close(writer)
    }

    func read(atMost count: Int) -> [UInt8] {
      var buffer = [UInt8](repeating: 0, count: count)
      let count = Glibc.read(reader, &buffer, count)
      return Array(buffer.prefix(max(count, 0)))
    }

    /// Reads until the text ends with `end`.
    func read(to end: String) -> String {
      var bytes: [UInt8] = []
      while !bytes.suffix(end.utf8.count).elementsEqual(end.utf8) {
        let more = read(atMost: 1 << 16)
        if more.isEmpty { break }
        bytes += more
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func linesComeInTheirOrder() {
    let pipe = Pipe()
    defer { pipe.close() }
    let writer = LineWriter(pipe.writer) { "\($0) dropped\n" }
    defer { writer.close() }
    for number in 0..<1000 { writer.write("\(number)\n") }
    writer.write("end\n")
    #expect(pipe.read(to: "end\n") == (0..<1000).map { "\($0)\n" }.joined() + "end\n")
    #expect(writer.droppedLines == 0)
  }

  @Test func aSlowReaderHoldsNobodyUpAndWhatDoesNotFitIsCounted() {
    let pipe = Pipe()
    defer { pipe.close() }
    let limit = 300_000
    let writer = LineWriter(pipe.writer, maxBytes: limit) { "\($0) dropped\n" }
    defer { writer.close() }
    // More than a pipe holds; once a byte has come, all of it is with the thread.
    let first = String(repeating: "a", count: limit - 1) + "\n"
    writer.write(first)
    let start = pipe.read(atMost: 1)
    let second = String(repeating: "b", count: limit - 1) + "\n"
    writer.write(second)
    #expect(writer.droppedLines == 0)
    writer.write("c")
    writer.write("d\n")
    #expect(writer.droppedLines == 2)
    let rest = pipe.read(to: "dropped\n")
    #expect(String(decoding: start, as: UTF8.self) + rest == first + second + "2 dropped\n")
    writer.write("again\n")
    #expect(pipe.read(to: "again\n") == "again\n")
    #expect(writer.droppedLines == 2)
  }

  @Test func aReaderThatIsGoneEndsNothing() {
    let pipe = Pipe()
    let writer = LineWriter(pipe.writer) { "\($0) dropped\n" }
    Glibc.close(pipe.reader)
    for _ in 0..<100 { writer.write("nobody reads this\n") }
    writer.close()
    writer.flush()
    Glibc.close(pipe.writer)
  }

  @Test func flushWritesWhatWaitsAndGivesUpOnAReaderThatDoesNotRead() {
    let pipe = Pipe()
    defer { pipe.close() }
    let writer = LineWriter(pipe.writer) { "\($0) dropped\n" }
    writer.write("first\n")
    writer.flush()
    #expect(pipe.read(to: "first\n") == "first\n")
    let long = String(repeating: "x", count: 500_000) + "\n"
    writer.write(long)
    writer.flush()
    // Nothing is lost of what it did not write, and the thread ends when that is read.
    writer.close()
    #expect(pipe.read(to: "\n") == long)
  }
}
