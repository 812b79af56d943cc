// SPDX-License-Identifier: Apache-2.0

extension DynamicMessage {
  /// Reads a message in text format (protobuf.dev, "Text Format Language Specification").
  ///
  /// What the type does not declare is an error, and so is a singular field or a oneof that is set
  /// twice. Extensions and the types of `google.protobuf.Any` must be known to the pool.
  public init(
    _ descriptor: MessageDescriptor, text: String, options: TextDecodingOptions = .init()
  ) throws(TextFormatError) {
    try self.init(descriptor, text: Array(text.utf8), options: options)
  }

  /// Reads a message in text format from bytes, which should be UTF-8.
  public init(
    _ descriptor: MessageDescriptor, text: [UInt8], options: TextDecodingOptions = .init()
  ) throws(TextFormatError) {
    self.init(descriptor)
    var parser = TextParser(text, options)
    try parser.parse(into: &self)
  }

  /// The message in text format, which is for people: it may change, and is not a stable encoding.
  public func textFormat(options: TextEncodingOptions = .init()) -> String {
    var writer = TextWriter(options)
    writer.write(self)
    return writer.text
  }
}

extension DynamicMessage: CustomDebugStringConvertible {
  /// The message in text format with everything that it holds.
  public var debugDescription: String { textFormat(options: .everything) }
}
