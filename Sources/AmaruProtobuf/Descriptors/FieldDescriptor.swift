// SPDX-License-Identifier: Apache-2.0

/// A field of a message, or an extension.
public struct FieldDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  /// What a field holds, or what the elements of a repeated field are.
  public enum FieldType: Sendable, Hashable {
    case scalar(ScalarType)
    case enumeration(EnumDescriptor)
    /// A message or a group. Of a map, its entry.
    case message(MessageDescriptor)
  }

  var record: FieldRecord {
    _read { yield pool.fieldRecords[index] }
  }

  /// The name in its message.
  public var name: String { record.name }
  /// The full name without a leading dot: the message's or, of an extension, that of the scope of
  /// its declaration, with the name behind it.
  public var fullName: String {
    let scope = record.scope.map { pool.messageRecords[$0].fullName } ?? file.package
    return scope.isEmpty ? name : "\(scope).\(name)"
  }
  /// The name in JSON; of an extension the full name in brackets.
  public var jsonName: String { record.jsonName }
  /// The field number.
  public var number: Int32 { record.number }
  /// The file that declares it.
  public var file: FileDescriptor { .init(pool: pool, index: record.file) }
  /// The message that has the field; of an extension, the one that it extends.
  public var containingType: MessageDescriptor { .init(pool: pool, index: record.containing) }
  /// The message that an extension is declared in; nil at the top of a file, and for fields.
  public var extensionScope: MessageDescriptor? {
    record.isExtension ? record.scope.map { .init(pool: pool, index: $0) } : nil
  }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_FieldDescriptorProto { record.proto }
  /// What its options say.
  public var options: Google_Protobuf_FieldOptions { record.proto.options ?? .init() }

  // MARK: What it holds

  /// The type, or the type of an element.
  public var type: FieldType {
    switch record.type {
    case .scalar(let scalar): .scalar(scalar)
    case .enumeration(let index): .enumeration(EnumDescriptor(pool: pool, index: index))
    case .message(let index): .message(MessageDescriptor(pool: pool, index: index))
    }
  }
  /// The message that it holds; nil for scalars and enums.
  public var messageType: MessageDescriptor? {
    if case .message(let index) = record.type { .init(pool: pool, index: index) } else { nil }
  }
  /// The enum that it holds; nil for scalars and messages.
  public var enumType: EnumDescriptor? {
    if case .enumeration(let index) = record.type { .init(pool: pool, index: index) } else { nil }
  }
  /// Whether it is declared outside of the message that has it.
  public var isExtension: Bool { record.isExtension }
  /// Whether it has any number of values: a list or a map.
  public var isRepeated: Bool { record.isRepeated }
  /// Whether it is a map.
  public var isMap: Bool { record.mapEntry != nil }
  /// The field that stands for a map's keys; nil when it is not a map.
  public var mapKey: FieldDescriptor? {
    record.mapEntry.map { FieldDescriptor(pool: pool, index: $0.key) }
  }
  /// The field that stands for a map's values; nil when it is not a map.
  public var mapValue: FieldDescriptor? {
    record.mapEntry.map { FieldDescriptor(pool: pool, index: $0.value) }
  }
  /// Whether a message is not complete without it.
  public var isRequired: Bool { record.isRequired }
  /// Whether being unset and having the default are two things.
  public var hasPresence: Bool { record.hasPresence }
  /// Whether its numbers are written behind one tag. Both forms are read.
  public var isPacked: Bool { record.isPacked }
  /// Whether its messages are groups on the wire, which end with a tag.
  public var isDelimited: Bool { record.isDelimited }
  /// The oneof that it is in, also one that only gives presence.
  public var oneof: OneofDescriptor? { record.oneof.map { .init(pool: pool, index: $0) } }
  /// The resolved features.
  public var features: Features { record.features }
  /// What the field has when it is not set: what its declaration states, or zero, the first value
  /// of its enum, an empty message, list or map.
  public var defaultValue: DynamicValue {
    if record.mapEntry != nil { return .map([:]) }
    return record.isRepeated ? .list([]) : elementDefault
  }

  /// What an element of a list has when nothing is said.
  var elementDefault: DynamicValue {
    if let value = record.defaultValue { return value }
    return messageType.map { .message(DynamicMessage($0)) } ?? .bool(false)
  }

  /// Whether it has the name that groups had before editions: that of its message in lower case,
  /// which is declared beside it. Text format gives such a field its message's name.
  var isGroupLike: Bool {
    guard isDelimited, let type = messageType else { return false }
    return type.name.lowercased() == name && type.record.file == record.file
      && type.record.parent == record.scope
  }
}

extension FieldDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
