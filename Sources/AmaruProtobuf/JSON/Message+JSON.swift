// SPDX-License-Identifier: Apache-2.0

extension Message {
  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  ///
  /// Names of fields are accepted in camel case and as in the `.proto` file. A key that comes
  /// twice, an unknown key, invalid UTF-8 and a number that does not fit are errors.
  public init(
    json text: RawSpan, options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    self.init()
    var reader = JSONReader(text, options: options, file: Self.protoFile)
    try merge(fromJSON: &reader)
    try reader.finish()
    if let path = missingRequiredField { throw reader.error(.missingRequiredField(path)) }
  }

  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    json text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    try self.init(json: unsafe text.span.bytes, options: options)
  }

  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    json text: String, options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    try self.init(json: unsafe text.utf8.span.bytes, options: options)
  }

  /// The message in its JSON form, in UTF-8 and without white space.
  public func json(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> [UInt8] {
    try JSONWriter.bytes(options, file: Self.protoFile) { writeJSON(&$0) }
  }

  /// The message in its JSON form, without white space.
  public func jsonString(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> String {
    try JSONWriter.string(options, file: Self.protoFile) { writeJSON(&$0) }
  }
}
