// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Foundation

@testable import AmaruCodegen

typealias Request = Google_Protobuf_Compiler_CodeGeneratorRequest
typealias Response = Google_Protobuf_Compiler_CodeGeneratorResponse
typealias File = Google_Protobuf_FileDescriptorProto
typealias Descriptor = Google_Protobuf_DescriptorProto
typealias FieldDescriptor = Google_Protobuf_FieldDescriptorProto

/// Runs the generator over a request.
func generate(_ request: Request) throws -> Response {
  try Response(decoding: CodeGenerator.respond(to: request.encoded().span.bytes))
}

/// The request that protoc makes for the golden `.proto` files. It is checked in, so that the tests
/// do not need protoc; `scripts/generate.sh` writes it.
enum GoldenRequest {
  static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()

  static func load(_ folder: String) throws -> Request {
    let file = tests.appending(path: "AmaruCodegenTests/Golden/\(folder.lowercased()).bin")
    return try Request(decoding: [UInt8](Data(contentsOf: file)))
  }
}

extension Request {
  /// A request for one file `test.proto` of package `test`.
  static func file(
    parameter: String = "", _ populate: (inout File) -> Void
  ) -> Request {
    var file = File()
    file.name = "test.proto"
    file.package = "test"
    file.syntax = "proto3"
    populate(&file)
    return .with { request in
      request.fileToGenerate = ["test.proto"]
      request.parameter = parameter
      request.protoFile = [file]
    }
  }

  /// A request for two files: one of a package with its own name, and `test.proto`.
  static func two(
    _ name: String, _ first: (inout File) -> Void, parameter: String = "",
    _ second: (inout File) -> Void
  ) -> Request {
    var request = file(parameter: parameter, second)
    var other = File()
    other.name = name
    other.package = String(name.split(separator: ".")[0].map { $0 == "/" ? "." : $0 })
    other.syntax = "proto3"
    first(&other)
    request.fileToGenerate = [name, "test.proto"]
    request.protoFile = [other] + request.protoFile
    return request
  }

  /// A request for one message `Test` with these fields.
  static func message(_ fields: [FieldDescriptor], parameter: String = "") -> Request {
    .file(parameter: parameter) { file in
      file.messageType = [.named("Test", fields)]
    }
  }
}

extension Descriptor {
  static func named(_ name: String, _ fields: [FieldDescriptor] = []) -> Descriptor {
    .with { message in
      message.name = name
      message.field = fields
    }
  }
}

extension FieldDescriptor {
  static func extending(_ host: String, _ name: String, _ number: Int32) -> FieldDescriptor {
    var extending = field(name, number)
    extending.extendee = host
    return extending
  }

  static func field(
    _ name: String, _ number: Int32, _ type: TypeEnum = .string, typeName: String? = nil
  ) -> FieldDescriptor {
    .with { field in
      field.name = name
      field.number = number
      field.type = type
      field.typeName = typeName
      field.label = .optional
    }
  }
}
