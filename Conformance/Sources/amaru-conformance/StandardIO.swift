// SPDX-License-Identifier: Apache-2.0

import Glibc

// What a testee says and hears on its standard input and output.

/// Reads so many bytes, or nil at the end of the input.
func readBytes(_ count: Int) -> [UInt8]? {
  var bytes: [UInt8] = []
  while bytes.count < count {
    var chunk = [UInt8](repeating: 0, count: count - bytes.count)
    let got = read(STDIN_FILENO, &chunk, chunk.count)
    if got <= 0 { return nil }
    bytes += chunk[..<got]
  }
  return bytes
}

/// Writes bytes; false when nobody reads them.
func writeBytes(_ bytes: [UInt8]) -> Bool {
  var rest = bytes
  while !rest.isEmpty {
    let put = write(STDOUT_FILENO, rest, rest.count)
    if put <= 0 { return false }
    rest.removeFirst(put)
  }
  return true
}
