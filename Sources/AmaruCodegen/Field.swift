// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// One field of a message with everything that its code is made from.
struct Field {
  /// How the field is stored.
  enum Storage {
    /// No presence: the default is not written.
    case singular(zero: String)
    /// An optional.
    case optional
    /// An optional in a box, because the message contains itself through it.
    case boxed
    case array(isPacked: Bool)
    case dictionary
    /// A case of the message's oneof with this index.
    case oneof(Int)
  }

  /// Where the declaration is in the file (`SourceCodeInfo.Location.path`).
  let path: [Int32]
  let number: UInt32
  let protoName: String
  let jsonName: String
  /// The Swift name, in backticks where the language asks for them.
  let name: String
  let storage: Storage
  /// Whether a case of a oneof holds a message that contains the oneof's own.
  let isIndirect: Bool
  let isMessage: Bool
  /// Whether a message that lacks the field is not complete.
  let isRequired: Bool
  /// Whether the messages of the field may lack required fields.
  let requires: Bool
  /// The type of the field's values where they are of a closed enum, and read in a way of their own.
  let closed: String?
  /// The literal of a default that the declaration states.
  let declaredDefault: String?
  let wireType: WireType
  /// The Swift type of one value; of the whole dictionary for a map.
  let type: String
  /// The arguments that choose the codec, `StringCodec.self` or two of them for a map.
  let codec: String
  /// The argument that chooses the codec of a map's keys.
  let keyCodec: String
  /// The expression that reads one value; nil for messages.
  let read: String?

  /// The tag of a value that is not packed.
  var tag: UInt32 { number << 3 | wireType.rawValue }
  /// The tag of packed values.
  var packedTag: UInt32 { number << 3 | WireType.lengthDelimited.rawValue }
  /// The property where functions with parameters of their own refer to it.
  var access: String { Self.access(name) }
  /// The property where it begins the body of a computed one, in which `set` would be an accessor.
  var accessAtStart: String { Self.accessors.contains(name) ? "self.\(name)" : name }
  /// The name of the stored property behind a boxed field.
  var boxName: String { "_" + name.filter { $0 != "`" } }

  /// Whether repeated values may stand behind one tag.
  var isPackable: Bool { Self.isPackable(wireType) }

  static func isPackable(_ wireType: WireType) -> Bool {
    wireType != .lengthDelimited && wireType != .startGroup
  }

  /// How generated functions refer to a property, whatever their parameters are called.
  static func access(_ name: String) -> String {
    parameters.contains(name) ? "self.\(name)" : name
  }

  private static let parameters: Set<String> = [
    "reader", "writer", "tag", "value", "newValue", "fields", "number",
  ]

  private static let accessors: Set<String> = [
    "borrow", "didSet", "get", "modify", "mutate", "mutating", "nonmutating", "read", "set",
    "willSet", "yield",
  ]

  init(
    _ descriptor: Google_Protobuf_FieldDescriptorProto, name: String, path: [Int32],
    of message: MessageScope, _ context: FileContext
  ) throws(GenerationError) {
    let place = "\(message.protoName).\(descriptor.name ?? "")"
    guard let number = descriptor.number, (1...536_870_911).contains(number) else {
      throw context.error(place, "the field number is out of range")
    }
    self.path = path
    self.number = UInt32(number)
    protoName = descriptor.name ?? ""
    jsonName = descriptor.effectiveJSONName
    self.name = name
    let features = message.features.of(descriptor)
    let value = try ValueType(
      descriptor, place: place, in: message.swiftPath, isGroup: features.isDelimited, context)
    let isRepeated = descriptor.label == .repeated
    isRequired = features.fieldPresence == .required && !isRepeated
    requires = value.isMessage && context.types.requiring.contains(descriptor.typeName ?? "")
    declaredDefault = try DefaultValue.literal(of: descriptor, value, place: place, context)
    isMessage = value.isMessage
    wireType = value.wireType
    isIndirect =
      !isRepeated && value.isMessage
      && context.types.indirection.isNeeded(
        from: ".\(message.protoName)", to: descriptor.typeName ?? "")

    if isRepeated,
      let (key, element) = try value.mapEntry(place: place, in: message.swiftPath, context)
    {
      storage = .dictionary
      closed = element.isClosed ? element.swift : nil
      keyCodec = key.codec
      type = "[\(key.swift): \(element.swift)]"
      codec = "\(key.codec), \(element.codec)"
      read = nil
      return
    }
    closed = value.isClosed ? value.swift : nil
    keyCodec = ""
    type = value.swift
    codec = value.codec
    read = value.read
    if isRepeated {
      storage = .array(isPacked: Self.isPackable(value.wireType) && features.isPacked)
    } else if descriptor.proto3Optional == true {
      storage = isIndirect ? .boxed : .optional
    } else if let index = descriptor.oneofIndex {
      guard message.descriptor.oneofDecl.indices.contains(Int(index)) else {
        throw context.error(place, "the oneof of the field does not exist")
      }
      storage = .oneof(Int(index))
    } else if isIndirect {
      storage = .boxed
    } else if value.isMessage || features.fieldPresence != .implicit {
      storage = .optional
    } else {
      storage = .singular(zero: value.zero)
    }
  }
}
