// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Synchronization

/// The signals that come to this process, as a stream.
public enum SignalStream {
  /// Where the handler puts the numbers. A handler may do little more than to write to a pipe
  /// (signal-safety(7)).
  private static let pipeEnd = Atomic<Int32>(-1)

  /// Takes signals from their default, which is to end the program; once in a process. A signal that comes
  /// from here on is not lost.
  public static func of(_ numbers: Int32...) -> AsyncStream<Int32> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Int32.self, bufferingPolicy: .bufferingNewest(8))
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0, let readEnd = ends.first, let writeEnd = ends.last else {
      continuation.finish()
      return stream
    }
    pipeEnd.store(writeEnd, ordering: .sequentiallyConsistent)
    for number in numbers {
      signal(number) { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        write(SignalStream.pipeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
        errno = before
      }
    }
    // A thread of its own, which waits for as long as the program lives.
    DispatchQueue(label: "signals").async {
      var byte: UInt8 = 0
      while true {
        let count = read(readEnd, &byte, 1)
        if count == 1 { continuation.yield(Int32(byte)) } else if errno != EINTR { break }
      }
      continuation.finish()
    }
    return stream
  }
}
