// SPDX-License-Identifier: Apache-2.0

/// A `.proto` file in a pool.
public struct FileDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  private var record: FileRecord {
    _read { yield pool.fileRecords[index] }
  }

  /// The path that other files import it by.
  public var name: String { record.name }
  /// The package; empty when the file states none.
  public var package: String { record.package }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_FileDescriptorProto { record.proto }
  /// What the file's options say.
  public var options: Google_Protobuf_FileOptions { record.proto.options ?? .init() }
  /// How declarations behave that say nothing else.
  public var features: Features { record.features }
  /// The files that it imports, in the order of its declaration.
  public var imports: [FileDescriptor] { record.imports.map { .init(pool: pool, index: $0) } }
  /// The messages at the top of the file.
  public var messages: [MessageDescriptor] { record.messages.map { .init(pool: pool, index: $0) } }
  /// The enums at the top of the file.
  public var enumerations: [EnumDescriptor] { record.enums.map { .init(pool: pool, index: $0) } }
  /// The services.
  public var services: [ServiceDescriptor] { record.services.map { .init(pool: pool, index: $0) } }
  /// The extensions at the top of the file.
  public var extensions: [FieldDescriptor] {
    record.extensions.map { .init(pool: pool, index: $0) }
  }
}

extension FileDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
