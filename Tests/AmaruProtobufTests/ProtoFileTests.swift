// SPDX-License-Identifier: Apache-2.0

import GoldenPlain
import Testing

@testable import AmaruProtobuf

struct ProtoFileTests {
  @Test func holdsItsDescriptor() throws {
    let file = allTypesProto
    #expect(file.name == "all_types.proto")
    #expect(
      file.imports.map(\.name) == [
        "google/protobuf/timestamp.proto", "google/protobuf/wrappers.proto",
      ])
    let bytes = try file.serializedDescriptor()
    let descriptor = try Google_Protobuf_FileDescriptorProto(decoding: bytes)
    #expect(descriptor.name == file.name)
    #expect(descriptor.package == "golden")
    #expect(descriptor.messageType.map(\.name) == ["AllTypes", "Empty"])
    #expect(descriptor.sourceCodeInfo == nil)
    #expect(descriptor.unknownFields.isEmpty)
    #expect(try file.serializedDescriptor() == bytes)
  }

  @Test func wellKnownFilesHoldTheirs() throws {
    for file in [
      googleProtobufAnyProto, googleProtobufDescriptorProto, googleProtobufStructProto,
      googleProtobufCompilerPluginProto, googleRpcStatusProto,
    ] {
      let descriptor = try Google_Protobuf_FileDescriptorProto(
        decoding: file.serializedDescriptor())
      #expect(descriptor.name == file.name)
      #expect(descriptor.dependency == file.imports.map(\.name))
    }
  }

  @Test func malformedBase64Throws() {
    for text: StaticString in ["A", "AB=C", "====", "A===", "AAAA=AAA", "AB*D", "AAA=AAAA"] {
      let file = ProtoFile(name: "x.proto", imports: [], base64: text)
      #expect(throws: DecodingError.invalidBase64) { try file.serializedDescriptor() }
    }
  }
}
