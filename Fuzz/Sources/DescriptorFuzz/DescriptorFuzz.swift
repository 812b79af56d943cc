// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Reads arbitrary bytes as descriptors, behind their length in two bytes, and what is left as a
/// message of their first type. What is accepted must survive another round in the binary format
/// and as text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard input.count >= 2 else { return 0 }
  let length = min(Int(input[0]) | Int(input[1]) << 8, input.count - 2)
  let set = Array(input[2..<2 + length])
  guard
    let files = try? Google_Protobuf_FileDescriptorSet(decoding: set, allowsMissingFields: true),
    let pool = try? DescriptorPool(files)
  else { return 0 }
  for file in pool.files {
    precondition(pool.file(named: file.name) == file, "a file is not found")
    for service in file.services {
      for method in service.methods { _ = (method.input.fullName, method.output.fullName) }
    }
    for message in file.messages { walk(message) }
  }
  guard let type = pool.files.first?.messages.first else { return 0 }
  roundTrip(type, Array(input[(2 + length)...]))
  return 0
}

private func walk(_ message: MessageDescriptor) {
  precondition(message.pool.message(named: message.fullName) == message, "a message is not found")
  for field in message.fields + message.extensions {
    _ = (field.fullName, field.jsonName, field.type, field.defaultValue, field.oneof?.fullName)
  }
  for message in message.nestedMessages { walk(message) }
}

private func roundTrip(_ type: MessageDescriptor, _ bytes: [UInt8]) {
  guard let message = try? DynamicMessage(type, decoding: bytes, allowsMissingFields: true) else {
    return
  }
  let written = message.encoded(sortingMaps: true)
  guard let again = try? DynamicMessage(type, decoding: written, allowsMissingFields: true) else {
    preconditionFailure("our own bytes are refused")
  }
  precondition(again.encoded(sortingMaps: true) == written, "the second round differs")
  var options = TextDecodingOptions()
  options.allowsMissingFields = true
  let text = message.textFormat()
  guard let read = try? DynamicMessage(type, text: text, options: options) else {
    preconditionFailure("our own text is refused")
  }
  precondition(read.textFormat() == text, "the text of the second round differs")
  _ = message.debugDescription
  _ = try? message.jsonString()
}
