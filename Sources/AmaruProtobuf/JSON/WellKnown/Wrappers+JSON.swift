// SPDX-License-Identifier: Apache-2.0

// A wrapper stands in JSON as its value does. Null is a wrapper that is not set.

/// A well-known type with one value in a field `value`.
protocol Wrapper: Message {
  associatedtype Codec: FieldCodec
  var value: Codec.Value { get set }
}

extension Wrapper {
  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    try reader.enter()
    if let value = try Codec.readJSON(&reader) { self.value = value }
    reader.leave()
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    writer.enter()
    Codec.writeJSON(value, to: &writer)
    writer.leave()
  }
}

extension Google_Protobuf_DoubleValue: Wrapper { typealias Codec = DoubleCodec }
extension Google_Protobuf_FloatValue: Wrapper { typealias Codec = FloatCodec }
extension Google_Protobuf_Int64Value: Wrapper { typealias Codec = Int64Codec }
extension Google_Protobuf_UInt64Value: Wrapper { typealias Codec = UInt64Codec }
extension Google_Protobuf_Int32Value: Wrapper { typealias Codec = Int32Codec }
extension Google_Protobuf_UInt32Value: Wrapper { typealias Codec = UInt32Codec }
extension Google_Protobuf_BoolValue: Wrapper { typealias Codec = BoolCodec }
extension Google_Protobuf_StringValue: Wrapper { typealias Codec = StringCodec }
extension Google_Protobuf_BytesValue: Wrapper { typealias Codec = BytesCodec }
