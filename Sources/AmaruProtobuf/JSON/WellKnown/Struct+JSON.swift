// SPDX-License-Identifier: Apache-2.0

// An object, a value and a list of JSON stand for themselves. Each counts as the messages that it
// becomes, so that what is read here can be read in binary, too: a list is one message with one for
// each value, and an object has one more for each entry.

extension Google_Protobuf_Struct {
  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    // An entry; the value in it looks whether there is room for both.
    reader.depthLeft &-= 1
    try reader.entries(&fields, StringCodec.self, MessageCodec<Google_Protobuf_Value>.self)
    reader.depthLeft &+= 1
    reader.leave()
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    writer.depthLeft &-= 1
    writer.entries(fields, StringCodec.self, MessageCodec<Google_Protobuf_Value>.self)
    writer.depthLeft &+= 1
    writer.leave()
  }
}

extension Google_Protobuf_ListValue {
  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    try reader.elements(&values, MessageCodec<Google_Protobuf_Value>.self)
    reader.leave()
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    writer.elements(values, MessageCodec<Google_Protobuf_Value>.self)
    writer.leave()
  }
}

extension Google_Protobuf_Value {
  public static var readsJSONNull: Bool { true }

  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    switch reader.token() {
    case UInt8(ascii: "{"):
      kind = .structValue(try Google_Protobuf_Struct(from: &reader))
    case UInt8(ascii: "["):
      kind = .listValue(try Google_Protobuf_ListValue(from: &reader))
    case UInt8(ascii: "\""): kind = .stringValue(try reader.string())
    case UInt8(ascii: "t"), UInt8(ascii: "f"): kind = .boolValue(try reader.bool())
    case UInt8(ascii: "n"):
      guard reader.takeNull() else { throw reader.expected("a value") }
      kind = .nullValue(.nullValue)
    default: kind = .numberValue(try reader.double())
    }
    reader.leave()
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    switch kind {
    case .nullValue?: writer.null()
    case .numberValue(let value)? where value.isFinite: writer.double(value)
    case .stringValue(let value)?: writer.string(value)
    case .boolValue(let value)?: writer.bool(value)
    case .structValue(let value)?: value.writeJSON(&writer)
    case .listValue(let value)?: value.writeJSON(&writer)
    case .numberValue?, nil: writer.fail(.invalidValue(Self.protoName))
    }
    writer.leave()
  }
}

extension Message {
  /// Reads a message of its own from a reader.
  init(from reader: inout JSONReader) throws(JSONDecodingError) {
    self.init()
    try merge(fromJSON: &reader)
  }
}
