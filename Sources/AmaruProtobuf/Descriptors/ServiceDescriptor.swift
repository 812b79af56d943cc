// SPDX-License-Identifier: Apache-2.0

/// A service in a pool.
public struct ServiceDescriptor: Sendable {
  /// The pool that holds it.
  public let pool: DescriptorPool
  let index: Int

  var record: ServiceRecord {
    _read { yield pool.serviceRecords[index] }
  }

  /// The name in its package.
  public var name: String { record.name }
  /// The full name without a leading dot.
  public var fullName: String { record.fullName }
  /// The file that declares it.
  public var file: FileDescriptor { .init(pool: pool, index: record.file) }
  /// The methods in the order of their declaration.
  public var methods: [RPCDescriptor] {
    record.methods.indices.map { RPCDescriptor(service: self, place: $0) }
  }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_ServiceDescriptorProto { record.proto }
  /// What its options say.
  public var options: Google_Protobuf_ServiceOptions { record.proto.options ?? .init() }

  /// The method with a name.
  public func method(named name: String) -> RPCDescriptor? {
    record.byName[name].map { RPCDescriptor(service: self, place: $0) }
  }
}

extension ServiceDescriptor: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.pool === right.pool && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(index) }
}
