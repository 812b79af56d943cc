// SPDX-License-Identifier: Apache-2.0

/// A message whose type is known at run time only: a descriptor, and a value for each field that
/// is set.
///
/// It behaves as the generated type would, in every format. Values are checked when they are set,
/// so that what a message holds always fits its descriptor.
///
/// ```swift
/// var item = DynamicMessage(descriptor)
/// try item.set("name", to: .string("bolt"))
/// let bytes = item.encoded()
/// ```
public struct DynamicMessage: Sendable {
  /// The message's type.
  public let descriptor: MessageDescriptor
  /// The fields that were read and neither the type nor the pool knows, in wire format. They are
  /// written again on encoding.
  public var unknownFields = UnknownFields()
  /// Values by field number, extensions included; no empty lists and maps, and no zeros in fields
  /// without presence.
  var values: [Int32: DynamicValue] = [:]

  /// Makes a message without any field set.
  public init(_ descriptor: MessageDescriptor) { self.descriptor = descriptor }

  /// The fields that are set, in the order of their numbers, extensions included.
  public var fields: [(field: FieldDescriptor, value: DynamicValue)] {
    values.sorted { $0.key < $1.key }.compactMap { number, value in
      field(number: number).map { ($0, value) }
    }
  }

  /// Whether no field is set, and none is unknown.
  public var isEmpty: Bool { values.isEmpty && unknownFields.isEmpty }

  // MARK: Reading fields

  /// The value of a field; nil when it is not set, or is not one of this message.
  public subscript(_ field: FieldDescriptor) -> DynamicValue? {
    owns(field) ? values[field.number] : nil
  }

  /// The value of a field, given by its proto name, or `[full.name]` for an extension; nil when it
  /// is not set or does not exist.
  public subscript(_ name: String) -> DynamicValue? {
    field(named: name).flatMap { values[$0.number] }
  }

  /// The value of a field or extension, given by its number; nil when it is not set.
  public subscript(number number: Int32) -> DynamicValue? { values[number] }

  /// The value of a field, or its default when it is not set.
  public func value(of field: FieldDescriptor) -> DynamicValue { self[field] ?? field.defaultValue }

  /// The field of a oneof that is set.
  public func field(of oneof: OneofDescriptor) -> FieldDescriptor? {
    guard oneof.containingType == descriptor else { return nil }
    return oneof.fields.first { values[$0.number] != nil }
  }

  // MARK: Setting fields

  /// Sets a field, or removes its value with nil. Setting a field of a oneof removes the others'.
  ///
  /// A message is taken from another pool too when its type has the same full name; it is converted
  /// over the binary format then.
  public mutating func set(
    _ field: FieldDescriptor, to value: DynamicValue?
  ) throws(DynamicMessageError) {
    guard owns(field) else { throw .noSuchField(field.fullName) }
    guard let value else {
      values[field.number] = nil
      return
    }
    put(try field.checked(value), in: field)
  }

  /// Sets a field, given by its proto name, or `[full.name]` for an extension.
  public mutating func set(
    _ name: String, to value: DynamicValue?
  ) throws(DynamicMessageError) {
    guard let field = field(named: name) else { throw .noSuchField(name) }
    try set(field, to: value)
  }

  /// Sets a field or extension, given by its number.
  public mutating func set(
    number: Int32, to value: DynamicValue?
  ) throws(DynamicMessageError) {
    guard let field = field(number: number) else { throw .noSuchField("\(number)") }
    try set(field, to: value)
  }

  /// Sets a field to a value that fits it.
  mutating func put(_ value: DynamicValue, in field: FieldDescriptor) {
    clearOneof(of: field)
    values[field.number] = !field.hasPresence && value.isZero ? nil : value
  }

  /// Appends to a repeated field in place.
  mutating func append(_ elements: [DynamicValue], to field: FieldDescriptor) {
    guard !elements.isEmpty else { return }
    var list: [DynamicValue] = []
    if case .list(let old)? = values.removeValue(forKey: field.number) { list = old }
    list += elements
    values[field.number] = .list(list)
  }

  /// Sets an entry of a map in place.
  mutating func put(_ value: DynamicValue, key: DynamicValue, in field: FieldDescriptor) {
    guard let key = DynamicMapKey(key) else { return }
    var entries: [DynamicMapKey: DynamicValue] = [:]
    if case .map(let old)? = values.removeValue(forKey: field.number) { entries = old }
    entries[key] = value
    values[field.number] = .map(entries)
  }

  /// Removes the other values of a field's oneof.
  mutating func clearOneof(of field: FieldDescriptor) {
    guard let oneof = field.record.oneof else { return }
    for other in field.pool.oneofRecords[oneof].fields where other != field.index {
      values[field.pool.fieldRecords[other].number] = nil
    }
  }

  // MARK: Looking up

  /// Whether a field is one of this message's.
  private func owns(_ field: FieldDescriptor) -> Bool {
    field.pool === descriptor.pool && field.record.containing == descriptor.index
  }

  /// The field or known extension with a number.
  func field(number: Int32) -> FieldDescriptor? {
    descriptor.field(number: number) ?? descriptor.extensionField(number: number)
  }

  /// The field with a proto name, or the extension with a full name in brackets.
  func field(named name: String) -> FieldDescriptor? {
    if name.hasPrefix("["), name.hasSuffix("]") {
      let field = descriptor.pool.extensionField(named: String(name.dropFirst().dropLast()))
      return field.flatMap { owns($0) ? $0 : nil }
    }
    return descriptor.field(named: name)
  }
}

extension DynamicMessage: Hashable {
  /// Whether two messages of a type of the same name have the same values, of whatever pools.
  public static func == (left: Self, right: Self) -> Bool {
    left.values == right.values && left.unknownFields == right.unknownFields
      && left.descriptor.fullName == right.descriptor.fullName
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(values)
    hasher.combine(unknownFields)
  }
}
