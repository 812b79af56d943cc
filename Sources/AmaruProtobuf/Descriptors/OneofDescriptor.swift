// SPDX-License-Identifier: Apache-2.0

/// Fields of a message of which at most one is set.
public struct OneofDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  private var record: OneofRecord {
    _read { yield pool.oneofRecords[index] }
  }

  /// The name in its message.
  public var name: String { record.name }
  /// The full name without a leading dot.
  public var fullName: String { "\(containingType.fullName).\(name)" }
  /// The message that declares it.
  public var containingType: MessageDescriptor { .init(pool: pool, index: record.containing) }
  /// Its fields in the order of their declaration.
  public var fields: [FieldDescriptor] { record.fields.map { .init(pool: pool, index: $0) } }
  /// Whether the compiler made it to give presence to an `optional` field of proto3.
  public var isSynthetic: Bool { record.isSynthetic }
  /// What its options say.
  public var options: Google_Protobuf_OneofOptions { record.proto.options ?? .init() }
}

extension OneofDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
