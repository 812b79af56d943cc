// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

private struct Person: Codable {
  var name: String
  var age: Int?
  var scores: [Double]
  var friends: [Person]
  var byNumber: [Int: Person]
  var photo: [UInt8]
  var kind: Kind?

  enum Kind: Codable {
    case plain
    case marked(UInt8, by: String)
  }
}

/// Reads arbitrary bytes as any value and as a type with keys. What is accepted must survive
/// another round, and be passed over to the same place.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  if let person = try? MessagePackDecoder().decode(Person.self, from: input) {
    guard let bytes = try? MessagePackEncoder().encode(person),
      (try? MessagePackDecoder().decode(Person.self, from: bytes)) != nil
    else { preconditionFailure("our own bytes are refused") }
  }
  _ = try? [String: [Int32]](messagePack: input)
  guard let value = try? MessagePackValue(messagePack: input) else { return 0 }
  var reader = MessagePackReader(input.span)
  guard (try? reader.skip()) != nil, reader.remaining == 0 else {
    preconditionFailure("what can be read cannot be passed over")
  }
  guard let written = try? value.messagePack(),
    let again = try? MessagePackValue(messagePack: written)
  else { preconditionFailure("our own bytes are refused") }
  // NaN is not equal to itself, but its bytes are.
  precondition(written.count <= input.count, "the shortest form is longer")
  precondition((try? again.messagePack()) == written, "the second round differs")
  return 0
}
