// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruIO

@Suite(.ownThread)
struct StreamSocketTests {
  /// Counts what comes, and stops to read after the first bytes. Confined to its loop, but for the notes.
  private final class Reader: ByteStreamHandler, @unchecked Sendable {
    let counts = Notes<Int>()
    let isClosed = Notes<Void>()
    var socket: StreamSocket?

    func receive(_ bytes: UnsafeRawBufferPointer) {
      if counts.count == 0 { socket?.setPaused(true) }
      counts.add(bytes.count)
    }
    func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }
    var isDone: Bool { false }
    func closed() {
      isClosed.add(())
      socket = nil
    }
  }

  /// Waits until `condition` holds, on a thread that may block.
  private func wait(until condition: () -> Bool) { while !condition() { sched_yield() } }

  /// A socket on a loop that has read one byte and then no more; the other end is `body`'s.
  private func withPausedSocket(_ body: (Reader, Int32, EventLoop) -> Void) throws {
    let loop = try EventLoop()
    let thread = try LoopThread(running: loop, for: loop)
    let (near, far) = try StreamSocket.pair()
    let reader = Reader()
    Task(executorPreference: loop) {
      let socket = StreamSocket(descriptor: near, loop: loop)
      reader.socket = socket
      socket.handler = reader
      try socket.start()
    }
    #expect(write(far, "x", 1) == 1)
    wait { reader.counts.count == 1 }
    body(reader, far, loop)
    wait { reader.isClosed.count == 1 }
    Task(executorPreference: loop) { loop.stop() }
    thread.join()
  }

  /// Fills the way to the other end; gives how many bytes fit.
  private func fill(_ descriptor: Int32) -> Int {
    let bytes = [UInt8](repeating: 0, count: 1 << 16)
    var sum = 0
    while sum < 1 << 26 {
      let count = write(descriptor, bytes, bytes.count)
      if count < 0 { break }
      sum += count
    }
    return sum
  }

  @Test func aPausedSocketLeavesBytesWhereTheyAre() throws {
    try withPausedSocket { reader, far, loop in
      let sum = fill(far)
      // All that the kernel keeps is there, and nobody has taken any of it.
      #expect(sum > 0 && sum < 1 << 26)
      #expect(reader.counts.all == [1])
      Task(executorPreference: loop) { reader.socket?.setPaused(false) }
      wait { reader.counts.all.reduce(0, +) == 1 + sum }
      close(far)
    }
  }

  /// As when a loop was held up: the bytes are there and the time is over.
  @Test func bytesThatAreThereAreReadBeforeATimerFires() throws {
    let loop = try EventLoop()
    let (near, far) = try StreamSocket.pair()
    let socket = StreamSocket(descriptor: near, loop: loop)
    let reader = Reader()
    socket.handler = reader
    try socket.start()
    #expect(write(far, "x", 1) == 1)
    var countWhenOver = -1
    let timer = Timer {
      countWhenOver = reader.counts.count
      loop.stop()
    }
    loop.schedule(timer, at: 0)
    loop.run()
    #expect(countWhenOver == 1)
    socket.close()
    close(far)
  }

  @Test func aPeerThatHangsUpIsReadToItsEnd() throws {
    try withPausedSocket { reader, far, _ in
      let sum = fill(far)
      close(far)
      wait { reader.isClosed.count == 1 }
      #expect(reader.counts.all.reduce(0, +) == 1 + sum)
    }
  }
}
