// SPDX-License-Identifier: Apache-2.0

/// A named number of an enum.
public struct EnumValueDescriptor: Sendable, Hashable {
  /// The enum that declares it.
  public let enumeration: EnumDescriptor
  let place: Int

  private var proto: Google_Protobuf_EnumValueDescriptorProto {
    _read { yield enumeration.record.proto.value[place] }
  }

  /// The name.
  public var name: String { proto.name ?? "" }
  /// The number.
  public var number: Int32 { proto.number ?? 0 }
  /// What its options say.
  public var options: Google_Protobuf_EnumValueOptions { proto.options ?? .init() }
}
