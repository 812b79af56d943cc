// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// Standard input, read on a thread that may block.
struct Input: Sendable {
  private let queue = DispatchQueue(label: "users-client.input")

  /// What has been typed since the last call, as soon as there is some; nil at the end. Nothing is read
  /// ahead: a program that writes much waits.
  func next() async -> [UInt8]? {
    await withCheckedContinuation { continuation in
      queue.async {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var count = read(STDIN_FILENO, &buffer, buffer.count)
        while count < 0, errno == EINTR { count = read(STDIN_FILENO, &buffer, buffer.count) }
        continuation.resume(returning: count > 0 ? Array(buffer[..<count]) : nil)
      }
    }
  }
}
