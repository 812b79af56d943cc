// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Glibc

// Each request and each response is preceded by its length as four bytes, little-endian.

let isDynamic = getenv("AMARU_TESTEE").map { String(cString: $0) } == "dynamic"
let testee = try Testee(isDynamic: isDynamic)

while let prefix = readBytes(4) {
  let length = prefix.reversed().reduce(0) { $0 << 8 | Int($1) }
  guard let bytes = readBytes(length), let request = try? ConformanceRequest(decoding: bytes) else {
    exit(1)
  }
  let written = testee.respond(to: request).withEncoded { writer in
    let length = UInt32(truncatingIfNeeded: writer.count)
    writer.prepend(bigEndian: length.byteSwapped)
    return writeBytes(writer.takeBytes())
  }
  if !written { exit(1) }
}
