// SPDX-License-Identifier: Apache-2.0

/// The names that generated code uses without a module in front.
enum RuntimeNames {
  static let all: Set<String> = standard.union(runtime).union(core).union(language)

  private static let standard: Set<String> = [
    "Bool", "Double", "Float", "Hashable", "Int32", "Int64", "Sendable", "String", "UInt32",
    "UInt64", "UInt8",
  ]

  private static let runtime: Set<String> = [
    "BackWriter", "BoolCodec", "Box", "BytesCodec", "ClosedProtoEnum", "DecodingError",
    "DoubleCodec",
    "EnumCodec", "EnumNames", "Extension", "FieldNames", "Fixed32Codec", "Fixed64Codec",
    "FloatCodec", "GroupCodec", "Int32Codec", "Int64Codec", "JSONDecodingError", "JSONReader",
    "JSONWriter", "Message", "MessageCodec", "ProtoEnum", "ProtoFile", "Reader",
    "RepeatedExtension", "RequiredFields", "SFixed32Codec", "SFixed64Codec",
    "SInt32Codec", "SInt64Codec", "StringCodec", "UInt32Codec", "UInt64Codec", "UnknownFields",
  ]

  private static let core: Set<String> = [
    "BidirectionalStream", "CallContext", "CallOptions", "Channel", "Handler", "MessageStream",
    "MessageWriter", "Method", "RequestStream", "ResponseStream", "Service",
  ]

  /// What cannot be the name of a type, or must keep its usual meaning.
  private static let language: Set<String> = [
    "Any", "Protocol", "Self", "Type", "Optional", "Swift", "AmaruProtobuf", "AmaruCore",
  ]
}
