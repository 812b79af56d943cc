// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import Synchronization

/// Messages over standard input and output, each behind its length (big-endian `u32`).
enum StandardIO {
  private static let output = Mutex(())

  /// Waits for the next message's bytes; nil at the end of the input.
  static func read() -> [UInt8]? {
    guard let prefix = read(4) else { return nil }
    return read(prefix.reduce(0) { $0 << 8 | Int($1) })
  }

  private static func read(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var chunk = [UInt8](repeating: 0, count: count - bytes.count)
      let got = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
      if got <= 0 { return nil }
      bytes += chunk[..<got]
    }
    return bytes
  }

  static func write(_ message: some Message) {
    let bytes = message.encoded()
    let prefix = (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) }
    output.withLock { _ in
      var rest = (prefix + bytes)[...]
      while !rest.isEmpty {
        let put = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if put <= 0 { return }
        rest = rest.dropFirst(put)
      }
    }
  }
}
