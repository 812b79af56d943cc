// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

private let types: [MessageDescriptor] = {
  do {
    return [
      try Old.descriptor, try AllTypes.descriptor, try Fields.descriptor, try Delimited.descriptor,
      try OldSet.descriptor, try Google_Protobuf_Any.descriptor,
    ]
  } catch {
    preconditionFailure("a descriptor is broken: \(error)")
  }
}()

private let pool: DescriptorPool = {
  guard let pool = try? DescriptorPool([proto2Proto, edition2023Proto, allTypesProto]) else {
    preconditionFailure("the descriptors are broken")
  }
  return pool
}()

/// Reads arbitrary bytes as text format; the first byte chooses the type. What is accepted must
/// survive another round: the same text comes out when it is written, read and written again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first else { return 0 }
  let type = types[Int(first) % types.count]
  var decoding = TextDecodingOptions()
  decoding.allowsMissingFields = true
  decoding.pool = pool
  guard
    let message = try? DynamicMessage(type, text: Array(input.dropFirst()), options: decoding)
  else { return 0 }
  var encoding = TextEncodingOptions()
  encoding.pool = pool
  encoding.usesOneLine = first >= 128
  let text = message.textFormat(options: encoding)
  guard let again = try? DynamicMessage(type, text: text, options: decoding) else {
    preconditionFailure("our own text is refused")
  }
  precondition(again.textFormat(options: encoding) == text, "the second round differs")
  _ = message.debugDescription
  return 0
}
