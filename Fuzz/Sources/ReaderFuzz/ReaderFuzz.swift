// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Reads arbitrary bytes as a message with every kind of field. What is accepted must survive
/// another round: the same bytes come out when it is written, read and written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let message = try? AllTypes(decoding: input) else { return 0 }
  let written = message.encoded(sortingMaps: true)
  guard let again = try? AllTypes(decoding: written) else {
    preconditionFailure("our own bytes are refused")
  }
  precondition(again.encoded(sortingMaps: true) == written, "the second round differs")
  return 0
}
