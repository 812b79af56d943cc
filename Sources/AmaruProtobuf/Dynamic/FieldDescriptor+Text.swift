// SPDX-License-Identifier: Apache-2.0

// Values that are written as plain text, as in the query of a URL.
extension FieldDescriptor {
  /// The value, or the element of a list, that a text stands for; nil when there is none.
  ///
  /// Text is what the JSON form has, without quotes (protobuf.dev, "ProtoJSON Format"): numbers, `true` and `false`, base64, the
  /// name or the number of an enum's value, a time, a duration. A wrapper has the form of its value. The paths of a field mask
  /// may also have the names of the `.proto` file. Other messages, groups and maps have none.
  public func value(parsing text: String) -> DynamicValue? {
    switch type {
    case .scalar(.string): return .string(text)
    case .scalar(.bool): return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .scalar: return quoted(text)
    case .enumeration(let type):
      if let value = type.value(named: text) { return .enumeration(value.number) }
      guard let number = Int32(text), !type.isClosed || type.value(number: number) != nil else {
        return nil
      }
      return .enumeration(number)
    case .message(let type):
      guard !isMap else { return nil }
      switch type.fullName {
      case Google_Protobuf_FieldMask.protoName where text.utf8.contains(UInt8(ascii: "_")):
        let paths = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard paths.allSatisfy({ !$0.isEmpty }), let field = type.field(number: 1) else {
          return nil
        }
        var mask = DynamicMessage(type)
        mask.append(paths.map { .string($0) }, to: field)
        return .message(mask)
      case Google_Protobuf_FieldMask.protoName, Google_Protobuf_Timestamp.protoName,
        Google_Protobuf_Duration.protoName:
        return quoted(text)
      default:
        guard type.isWrapper, let field = type.field(number: 1),
          let value = field.value(parsing: text)
        else { return nil }
        var wrapper = DynamicMessage(type)
        wrapper.put(value, in: field)
        return .message(wrapper)
      }
    }
  }

  /// Whether ``value(parsing:)`` knows texts for the field.
  public var hasTextForm: Bool {
    guard !isMap, let type = messageType else { return !isMap }
    switch type.fullName {
    case Google_Protobuf_FieldMask.protoName, Google_Protobuf_Timestamp.protoName,
      Google_Protobuf_Duration.protoName:
      return true
    default: return type.isWrapper
    }
  }

  /// Reads a text as a string of JSON, which numbers may be too.
  private func quoted(_ text: String) -> DynamicValue? {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
    guard isPlain else { return nil }
    let json = "\"\(text)\""
    var reader = JSONReader(json.utf8.span, options: JSONDecodingOptions(), file: nil)
    return try? element(&reader)
  }
}

extension MessageDescriptor {
  /// Whether it is one of the messages of `google/protobuf/wrappers.proto`.
  fileprivate var isWrapper: Bool { file.name == googleProtobufWrappersProto.name }
}
