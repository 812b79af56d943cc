// SPDX-License-Identifier: Apache-2.0

extension Message {
  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  ///
  /// Names of fields are accepted in camel case and as in the `.proto` file. A key that comes
  /// twice, an unknown key, invalid UTF-8 and a number that does not fit are errors.
  public init(
    json text: RawSpan, options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text, options: options, file: Self.protoFile)
    try self.init(whole: &reader)
  }

  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    json text: [UInt8], options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text.span, options: options, file: Self.protoFile)
    try self.init(whole: &reader)
  }

  /// Reads a message from its JSON form (protobuf.dev, "ProtoJSON Format").
  public init(
    json text: String, options: JSONDecodingOptions = JSONDecodingOptions()
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text.utf8.span, options: options, file: Self.protoFile)
    try self.init(whole: &reader)
  }

  /// Reads a message from its JSON form, and then fields in the binary format on top of it: singular ones are replaced, messages
  /// merged, repeated fields extended.
  package init(
    json text: RawSpan, adding fields: [UInt8], options: JSONDecodingOptions
  ) throws(JSONDecodingError) {
    var reader = JSONReader(text, options: options, file: Self.protoFile)
    try self.init(whole: &reader, adding: fields)
  }

  private init(
    whole reader: inout JSONReader, adding fields: [UInt8] = []
  ) throws(JSONDecodingError) {
    self.init()
    try merge(fromJSON: &reader)
    try reader.finish()
    if !fields.isEmpty {
      var binary = Reader(fields.span)
      do {
        try merge(from: &binary)
      } catch {
        throw reader.error(.invalidForm(Self.protoName))
      }
    }
    if let path = missingRequiredField { throw reader.error(.missingRequiredField(path)) }
  }

  /// The message in its JSON form, in UTF-8 and without white space.
  public func json(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> [UInt8] {
    try JSONWriter.bytes(options, file: Self.protoFile) { writeJSON(&$0) }
  }

  /// Calls `body` with the message in its JSON form; the bytes hold until it returns.
  package func withJSON(
    _ body: (RawSpan) -> Void
  ) throws(JSONEncodingError) {
    try JSONWriter.withBytes(file: Self.protoFile, { writeJSON(&$0) }, body)
  }

  /// The message in its JSON form, without white space.
  public func jsonString(
    options: JSONEncodingOptions = JSONEncodingOptions()
  ) throws(JSONEncodingError) -> String {
    try JSONWriter.string(options, file: Self.protoFile) { writeJSON(&$0) }
  }
}
