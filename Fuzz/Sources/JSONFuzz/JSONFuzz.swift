// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Reads arbitrary bytes as the JSON of messages. What is accepted must survive another round: it is
/// written, read again, and then the same message. A message that is read by descriptor accepts the
/// same texts, and holds the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  var ignoring = JSONDecodingOptions()
  ignoring.ignoresUnknownFields = true
  for options in [JSONDecodingOptions(), ignoring] {
    check(AllTypes.self, input, options)
    check(Tree.self, input, options)
    check(Google_Protobuf_Value.self, input, options)
    check(Google_Protobuf_Any.self, input, options)
  }
  return 0
}

private func check<M: Message>(_ type: M.Type, _ input: [UInt8], _ options: JSONDecodingOptions) {
  let message = try? M(json: input, options: options)
  guard let descriptor = try? M.descriptor else {
    preconditionFailure("the descriptor is broken")
  }
  let dynamic = try? DynamicMessage(descriptor, json: input.span.bytes, options: options)
  guard let message else {
    precondition(dynamic == nil, "only the dynamic message takes the text")
    return
  }
  let bytes = message.encoded(sortingMaps: true)
  precondition(dynamic?.encoded(sortingMaps: true) == bytes, "the dynamic message differs")
  guard let text = try? message.json(), let again = try? M(json: text) else {
    preconditionFailure("our own text is refused")
  }
  precondition(again.encoded(sortingMaps: true) == bytes, "the second round differs")
}
