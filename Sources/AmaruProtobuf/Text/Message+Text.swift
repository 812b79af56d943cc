// SPDX-License-Identifier: Apache-2.0

extension Message {
  /// Reads a message in text format (protobuf.dev, "Text Format Language Specification").
  ///
  /// What the type does not declare is an error, and so is a singular field or a oneof that is set
  /// twice. Extensions and the types of `google.protobuf.Any` must be in the message's file or one
  /// that it imports; else use a ``DynamicMessage`` of a larger pool.
  public init(
    textFormat text: String, options: TextDecodingOptions = .init()
  ) throws(TextFormatError) {
    let descriptor: MessageDescriptor
    do {
      descriptor = try Self.descriptor
    } catch {
      throw TextFormatError(line: 1, column: 1, reason: error.description)
    }
    let dynamic = try DynamicMessage(descriptor, text: text, options: options)
    do {
      try self.init(dynamic)
    } catch {
      throw TextFormatError(line: 1, column: 1, reason: error.description)
    }
  }

  /// The message in text format, which is for people: it may change, and is not a stable encoding.
  ///
  /// Throws when the message is nested deeper than ``Reader/defaultDepthLimit``.
  public func textFormat(
    options: TextEncodingOptions = .init()
  ) throws(DynamicMessageError) -> String {
    try DynamicMessage(self).textFormat(options: options)
  }

  /// The message in text format with everything that it holds.
  public var debugDescription: String {
    do {
      return try textFormat(options: .everything)
    } catch {
      return "\(Self.protoName) (\(error))"
    }
  }
}

extension TextEncodingOptions {
  /// Unknown fields and the messages in Any.
  static var everything: TextEncodingOptions {
    var options = TextEncodingOptions()
    options.writesUnknownFields = true
    options.expandsAny = true
    return options
  }
}
