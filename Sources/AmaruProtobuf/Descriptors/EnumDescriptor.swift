// SPDX-License-Identifier: Apache-2.0

/// An enum type in a pool.
public struct EnumDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  var record: EnumRecord {
    _read { yield pool.enumRecords[index] }
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
  /// Whether it takes only the numbers that it declares.
  public var isClosed: Bool { record.isClosed }
  /// The values in the order of their declaration, second names included.
  public var values: [EnumValueDescriptor] { record.proto.value.indices.map(value) }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_EnumDescriptorProto { record.proto }
  /// What its options say.
  public var options: Google_Protobuf_EnumOptions { record.proto.options ?? .init() }

  /// The value that is declared first with a number.
  public func value(number: Int32) -> EnumValueDescriptor? { record.byNumber[number].map(value) }
  /// The value with a name.
  public func value(named name: String) -> EnumValueDescriptor? { record.byName[name].map(value) }

  private func value(_ place: Int) -> EnumValueDescriptor {
    EnumValueDescriptor(enumeration: self, place: place)
  }
}

extension EnumDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
