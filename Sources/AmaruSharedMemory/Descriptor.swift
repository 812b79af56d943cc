// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// Owns a file descriptor, and closes it at the end. May be used from any thread.
package final class Descriptor: Sendable {
  /// The number, which is valid as long as this object lives.
  package let number: Int32

  /// Takes over an open descriptor.
  package init(_ number: Int32) { self.number = number }

  deinit { amaru_close(number) }

  /// The result of a system call that makes a descriptor, owned.
  init(_ result: Int32, _ action: String) throws(SharedMemoryError) {
    guard result >= 0 else { throw .system(action: action, code: -result) }
    number = result
  }
}
