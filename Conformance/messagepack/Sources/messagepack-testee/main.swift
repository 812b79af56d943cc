// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Glibc

// Reads requests and answers each, until the input ends:
//
//   request:  u32 length | u8 type | payload              type: 0 any value, 1 `Record`, 2 `CodableRecord`
//   response: u32 length | u8 status | payload or the error's text     status: 0 done, 1 an error
//
// All numbers are little-endian; the length counts what follows it. The payload is read as the
// type and written again.

func answer(_ status: UInt8, _ payload: [UInt8]) {
  let length = UInt32(payload.count + 1)
  let prefix = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
  if !writeBytes(prefix + [status] + payload) { exit(1) }
}

func convert(_ payload: [UInt8], as type: UInt8) throws -> [UInt8] {
  switch type {
  case 0: return try MessagePackValue(messagePack: payload).messagePack()
  case 1: return try Record(messagePack: payload).messagePack()
  default:
    let record = try MessagePackDecoder().decode(CodableRecord.self, from: payload)
    return try MessagePackEncoder().encode(record)
  }
}

while let prefix = readBytes(4) {
  let length = prefix.reversed().reduce(0) { $0 << 8 | Int($1) }
  guard length >= 1, let request = readBytes(length) else { exit(1) }
  do {
    answer(0, try convert(Array(request[1...]), as: request[0]))
  } catch {
    answer(1, Array("\(error)".utf8))
  }
}
