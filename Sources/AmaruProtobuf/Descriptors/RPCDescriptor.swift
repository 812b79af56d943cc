// SPDX-License-Identifier: Apache-2.0

/// A method of a service, as its declaration describes it.
public struct RPCDescriptor: Sendable, Hashable {
  /// The service that declares it.
  public let service: ServiceDescriptor
  let place: Int

  private var record: MethodRecord {
    _read { yield service.record.methods[place] }
  }

  /// The name in its service.
  public var name: String { record.name }
  /// The full name without a leading dot.
  public var fullName: String { "\(service.fullName).\(name)" }
  /// What a client sends.
  public var input: MessageDescriptor { .init(pool: service.pool, index: record.input) }
  /// What the server answers.
  public var output: MessageDescriptor { .init(pool: service.pool, index: record.output) }
  /// Whether the client sends any number of messages.
  public var isClientStreaming: Bool { record.proto.clientStreaming == true }
  /// Whether the server answers with any number of messages.
  public var isServerStreaming: Bool { record.proto.serverStreaming == true }
  /// The descriptor that it was made from.
  public var proto: Google_Protobuf_MethodDescriptorProto { record.proto }
  /// What its options say.
  public var options: Google_Protobuf_MethodOptions { record.proto.options ?? .init() }
}
