// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The names of calls: the process's own prefix and a number, so that the lines of several processes can be told apart.
enum CallID {
  private static let prefix: String = {
    let text = String(UInt32.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }()
  private static let last = Atomic<UInt64>(0)

  /// A number that no other call of this process has; from 1. Any thread.
  static func nextNumber() -> UInt64 {
    last.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// The name of the call with the number `number`.
  static func text(_ number: UInt64) -> String { "\(prefix)-\(number)" }
}
