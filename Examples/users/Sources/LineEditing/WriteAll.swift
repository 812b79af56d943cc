// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes all of `text` to a file descriptor, waiting where it must.
/// - Returns: false when it cannot be written.
@discardableResult
package func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 {
      guard errno == EINTR else { return false }
    } else {
      rest = rest.dropFirst(count)
    }
  }
  return true
}
