// SPDX-License-Identifier: Apache-2.0

// For types that have fields of any value: our encoder and decoder never call these, because such
// a value reads and writes itself.

extension MessagePackValue: Encodable {
  /// Throws: other formats have no form for every value.
  public func encode(to encoder: any Encoder) throws {
    throw EncodingError.invalidValue(
      self,
      .init(
        codingPath: encoder.codingPath,
        debugDescription: "a MessagePackValue is encoded by MessagePackEncoder alone"))
  }
}

extension MessagePackValue: Decodable {
  /// Throws: other formats have no form for every value.
  public init(from decoder: any Decoder) throws {
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: decoder.codingPath,
        debugDescription: "a MessagePackValue is decoded by MessagePackDecoder alone"))
  }
}
