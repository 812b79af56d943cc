// SPDX-License-Identifier: Apache-2.0

/// The files whose generated code is part of this module.
enum WellKnownProtos {
  static var files: [ProtoFile] {
    [
      googleProtobufAnyProto, googleProtobufApiProto, googleProtobufCompilerPluginProto,
      googleProtobufDescriptorProto, googleProtobufDurationProto, googleProtobufEmptyProto,
      googleProtobufFieldMaskProto, googleProtobufSourceContextProto, googleProtobufStructProto,
      googleProtobufTimestampProto, googleProtobufTypeProto, googleProtobufWrappersProto,
      googleRpcStatusProto,
    ]
  }
}
