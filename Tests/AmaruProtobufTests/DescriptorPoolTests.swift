// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenEditions
import GoldenPlain
import Testing

/// Pools of the program's own files.
struct DescriptorPoolTests {
  @Test func wellKnownTypesAreThere() throws {
    let pool = DescriptorPool.wellKnown
    #expect(pool.files.count == 13)
    #expect(pool.message(named: "google.protobuf.Any") != nil)
    #expect(pool.message(named: ".google.protobuf.Any") == nil)
    #expect(pool.enumeration(named: "google.protobuf.NullValue")?.values.map(\.name) == ["NULL_VALUE"])
    #expect(pool.file(named: "google/protobuf/any.proto")?.package == "google.protobuf")
    #expect(pool.message(named: "google.protobuf.NullValue") == nil)
    let value = try #require(pool.message(named: "google.protobuf.Value"))
    #expect(value.fields.map(\.jsonName).first == "nullValue")
    #expect(value.oneofs.map(\.fullName) == ["google.protobuf.Value.kind"])
    #expect(value.field(named: "struct_value")?.oneof == value.oneofs.first)
  }

  @Test func fieldsOfProto2AreDescribed() throws {
    let old = try Old.descriptor
    func field(_ name: String) throws -> FieldDescriptor {
      try #require(old.field(named: name))
    }
    #expect(try field("id").isRequired)
    #expect(try field("name").defaultValue == .string("no \"name\"\n"))
    #expect(try field("raw").defaultValue == .bytes([1, 255, 97]))
    #expect(try field("ratio").defaultValue == .double(-.infinity))
    #expect(try field("count").defaultValue == .int64(.min))
    #expect(try field("level").defaultValue == .enumeration(2))
    #expect(try field("chosen").defaultValue == .enumeration(1))
    #expect(try !field("levels").isPacked)
    #expect(try field("packed_levels").isPacked)
    #expect(try field("level").enumType?.isClosed == true)
    #expect(try field("data").isDelimited)
    #expect(try field("data").messageType?.fullName == "golden.proto2.Old.Data")
    #expect(try field("by_name").mapKey?.type == .scalar(.string))
    #expect(try field("by_name").mapValue?.enumType?.name == "Zeroed")
    #expect(try field("by_name").defaultValue == .map([:]))
    #expect(try field("next").messageType == old)
    #expect(try field("next").defaultValue == .message(DynamicMessage(old)))
    #expect(try field("packed_numbers").jsonName == "packedNumbers")
    #expect(old.field(jsonName: "packedNumbers")?.number == 13)
    #expect(old.field(number: 13)?.fullName == "golden.proto2.Old.packed_numbers")
    #expect(old.field(number: 999) == nil)
    #expect(old.extensionRanges == [100..<200, 1000..<536_870_912])
    #expect(try OldSet.descriptor.isMessageSet)
  }

  @Test func featuresOfEditionsAreResolved() throws {
    let fields = try Fields.descriptor
    func field(_ name: String) throws -> FieldDescriptor {
      try #require(fields.field(named: name))
    }
    #expect(try !field("implicit").hasPresence)
    #expect(try field("explicit").hasPresence)
    #expect(try field("required").isRequired)
    #expect(try field("packed").isPacked)
    #expect(try !field("expanded").isPacked)
    #expect(try field("delimited").isDelimited)
    #expect(try !field("prefixed").isDelimited)
    #expect(try field("right").hasPresence)
    #expect(try field("closed").enumType?.isClosed == true)
    #expect(try field("open").enumType?.isClosed == false)
    let delimited = try Delimited.descriptor
    #expect(delimited.field(named: "next")?.isDelimited == true)
    #expect(delimited.field(named: "by_name")?.isDelimited == false)
    #expect(delimited.field(named: "by_name")?.mapValue?.isDelimited == false)
  }

  @Test func presenceOfProto3FollowsOptional() throws {
    let all = try AllTypes.descriptor
    #expect(all.field(named: "int32_value")?.hasPresence == false)
    #expect(all.field(named: "optional_int32")?.hasPresence == true)
    #expect(all.field(named: "optional_int32")?.oneof?.isSynthetic == true)
    #expect(all.field(named: "nested_value")?.hasPresence == true)
    #expect(all.field(named: "repeated_int32")?.isPacked == true)
    #expect(all.field(named: "unpacked_int32")?.isPacked == false)
    #expect(all.field(named: "color_value")?.enumType?.isClosed == false)
  }

  @Test func extensionsAreFoundByNameAndNumber() throws {
    let pool = try Old.protoFile.pool()
    let number = try #require(pool.extensionField(named: "golden.proto2.number"))
    #expect(number.containingType.fullName == "golden.proto2.Old")
    #expect(number.extensionScope == nil)
    #expect(number.defaultValue == .int32(42))
    #expect(number.jsonName == "[golden.proto2.number]")
    #expect(pool.extensionField(of: "golden.proto2.Old", number: 101) == number)
    #expect(pool.extensions(of: "golden.proto2.Old").map(\.number) == Array(100...106))
    let inner = try #require(pool.extensionField(named: "golden.proto2.Old.inner_extension"))
    #expect(inner.extensionScope == inner.containingType)
    #expect(pool.extensionField(of: "golden.proto2.Nothing", number: 1) == nil)
  }

  @Test func servicesAreLinked() throws {
    let pool = try DescriptorPool([GoldenPlain.greetV1GreetProto])
    let service = try #require(pool.service(named: "greet.v1.Greeter"))
    let method = try #require(service.methods.first)
    #expect(method.fullName == "greet.v1.Greeter.\(method.name)")
    #expect(service.method(named: method.name) == method)
    #expect(pool.file(containing: method.fullName) == service.file)
    #expect(pool.message(named: method.input.fullName) == method.input)
  }

  @Test func everySymbolHasItsFile() throws {
    let pool = try Old.protoFile.pool()
    let file = try #require(pool.file(named: "proto2.proto"))
    for symbol in [
      "golden.proto2.Old", "golden.proto2.Old.id", "golden.proto2.Old.choice", "golden.proto2.number",
      "golden.proto2.Level", "golden.proto2.LEVEL_LOW", "golden.proto2.Old.Data.Inner.text",
    ] {
      #expect(pool.file(containing: symbol) == file, "\(symbol)")
    }
    for symbol in ["golden.proto2", "golden.proto2.Old.nothing", "nothing", "", "."] {
      #expect(pool.file(containing: symbol) == nil, "\(symbol)")
    }
  }

  @Test func poolOfAFileIsMadeOnce() throws {
    let (first, second) = (try Old.protoFile.pool(), try Old.protoFile.pool())
    #expect(first === second)
  }
}
