// SPDX-License-Identifier: Apache-2.0

/// A message type in a pool.
public struct MessageDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  var record: MessageRecord {
    _read { yield pool.messageRecords[index] }
  }

  /// The name in its scope.
  public var name: String { record.name }
  /// The full name without a leading dot.
  public var fullName: String { record.fullName }
  /// The file that declares it.
  public var file: FileDescriptor { .init(pool: pool, index: record.file) }
  /// The message that it is declared in; nil at the top of a file.
  public var containingType: MessageDescriptor? {
    record.parent.map { .init(pool: pool, index: $0) }
  }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_DescriptorProto { record.proto }
  /// What its options say.
  public var options: Google_Protobuf_MessageOptions { record.proto.options ?? .init() }
  /// Whether it is the entry of a map, which the compiler made.
  public var isMapEntry: Bool { record.isMapEntry }
  /// Whether it has extensions only, in the old form on the wire.
  public var isMessageSet: Bool { record.isMessageSet }

  // MARK: What it declares

  /// The fields in the order of their declaration, without extensions.
  public var fields: [FieldDescriptor] { record.fields.map(field) }
  /// The oneofs, also those that only give presence to an optional field.
  public var oneofs: [OneofDescriptor] { record.oneofs.map { .init(pool: pool, index: $0) } }
  /// The messages inside of it, entries of maps included.
  public var nestedMessages: [MessageDescriptor] {
    record.nested.map { .init(pool: pool, index: $0) }
  }
  /// The enums inside of it.
  public var nestedEnumerations: [EnumDescriptor] {
    record.enums.map { .init(pool: pool, index: $0) }
  }
  /// The extensions, of this or other messages, that are declared inside of it.
  public var extensions: [FieldDescriptor] { record.extensions.map(field) }
  /// The numbers that extensions may have, in order.
  public var extensionRanges: [Range<Int32>] { record.extensionRanges }
  /// The numbers that no field may have, in order.
  public var reservedRanges: [Range<Int32>] { record.reservedRanges }
  /// The names that no field may have.
  public var reservedNames: [String] { record.proto.reservedName }

  // MARK: Looking up

  /// The field with a number; not an extension.
  public func field(number: Int32) -> FieldDescriptor? { record.byNumber[number].map(field) }
  /// The field with a proto name; not an extension.
  public func field(named name: String) -> FieldDescriptor? { record.byName[name].map(field) }
  /// The field with a JSON name; not an extension.
  public func field(jsonName: String) -> FieldDescriptor? { record.byJSONName[jsonName].map(field) }
  /// The extension of this message that the pool knows by a number.
  public func extensionField(number: Int32) -> FieldDescriptor? {
    record.extending[number].map(field)
  }

  private func field(_ index: Int) -> FieldDescriptor { .init(pool: pool, index: index) }
}

extension MessageDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
