// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Glibc

// Reads requests and answers each, until the input ends:
//
//   request:  u32 length | u16 message | u8 from | u8 to | payload     from, to: 0 binary, 1 JSON, 2 text
//   response: u32 length | u8 status | payload or the error's text     status: 0 done, 1 an error
//
// All numbers are little-endian; the length counts what follows it. The messages are those of
// `messages`, which is written beside this file; from 32768 on the same ones as dynamic messages.

func answer(_ status: UInt8, _ payload: [UInt8]) {
  let length = UInt32(payload.count + 1)
  let prefix = (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
  if !writeBytes(prefix + [status] + payload) { exit(1) }
}

func convert<M: Message>(
  _ type: M.Type, _ payload: [UInt8], from: UInt8, to: UInt8
) throws -> [UInt8] {
  let message =
    switch from {
    case 0: try M(decoding: payload)
    case 1: try M(json: payload)
    default: try M(textFormat: String(decoding: payload, as: UTF8.self))
    }
  switch to {
  case 0: return message.encoded()
  case 1: return try message.json()
  default: return Array(try message.textFormat().utf8)
  }
}

func convertDynamically(
  _ descriptor: MessageDescriptor, _ payload: [UInt8], from: UInt8, to: UInt8
) throws -> [UInt8] {
  let message =
    switch from {
    case 0: try DynamicMessage(descriptor, decoding: payload)
    case 1: try DynamicMessage(descriptor, json: payload.span.bytes)
    default: try DynamicMessage(descriptor, text: String(decoding: payload, as: UTF8.self))
    }
  switch to {
  case 0: return message.encoded()
  case 1: return try message.json()
  default: return Array(message.textFormat().utf8)
  }
}

while let prefix = readBytes(4) {
  let length = prefix.reversed().reduce(0) { $0 << 8 | Int($1) }
  guard length >= 4, let request = readBytes(length) else { exit(1) }
  let number = Int(request[0]) | Int(request[1]) << 8
  let payload = Array(request[4...])
  do {
    let type = messages[number % 32768]
    if number < 32768 {
      answer(0, try convert(type, payload, from: request[2], to: request[3]))
    } else {
      let descriptor = try type.descriptor
      answer(0, try convertDynamically(descriptor, payload, from: request[2], to: request[3]))
    }
  } catch {
    answer(1, Array("\(error)".utf8))
  }
}
