// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Turns the request that protoc sends to a plugin into its response.
public enum CodeGenerator {
  /// Answers an encoded `CodeGeneratorRequest` with an encoded `CodeGeneratorResponse`. An error
  /// in the schema or the options is part of the response, one line of text.
  ///
  /// The same request gives the same response, byte for byte.
  public static func respond(to request: RawSpan) throws(DecodingError) -> [UInt8] {
    let request = try Google_Protobuf_Compiler_CodeGeneratorRequest(decoding: request)
    var response = Google_Protobuf_Compiler_CodeGeneratorResponse()
    typealias Feature = Google_Protobuf_Compiler_CodeGeneratorResponse.Feature
    response.supportedFeatures = UInt64(
      Feature.proto3Optional.rawValue | Feature.supportsEditions.rawValue)
    response.minimumEdition = editions.lowerBound
    response.maximumEdition = editions.upperBound
    do {
      for (path, text) in try generate(request) {
        response.file.append(
          .with { file in
            file.name = path
            file.content = text
          })
      }
    } catch {
      response.error = error.description
    }
    return response.encoded()
  }

  /// The numbers of the editions that are supported.
  static let editions =
    Google_Protobuf_Edition.proto2.rawValue...Google_Protobuf_Edition.edition2024.rawValue

  private static func generate(
    _ request: Google_Protobuf_Compiler_CodeGeneratorRequest
  ) throws(GenerationError) -> [(path: String, text: String)] {
    let options = try GeneratorOptions(parsing: request.parameter ?? "")
    let generated = Set(request.fileToGenerate)
    let types = try TypeTable(request.protoFile, generated: generated, options)
    var generators: [FileGenerator] = []
    let endings = OutputNames.endings(of: request.fileToGenerate)
    for name in request.fileToGenerate {
      guard let file = request.protoFile.first(where: { $0.name == name }) else {
        throw GenerationError(file: name, "its descriptor is not in the request")
      }
      let context = FileContext(file, types, options)
      generators.append(FileGenerator(context, ending: endings[name] ?? ""))
    }
    try checkUnique(generators)
    var files: [(path: String, text: String)] = []
    for generator in generators { files.append((generator.path, try generator.text())) }
    return files
  }

  /// Fails when two files declare the same Swift name or have the same path.
  private static func checkUnique(_ generators: [FileGenerator]) throws(GenerationError) {
    var seen: [String: String] = [:]
    var paths: Set<String> = []
    for generator in generators {
      for (swift, proto) in generator.declarations {
        if let other = seen.updateValue(proto, forKey: swift) {
          throw GenerationError(
            file: generator.name, name: swift,
            "\(other) and \(proto) have the same Swift name; rename one, give its file "
              + "option swift_prefix, or put it into another target")
        }
      }
      guard paths.insert(generator.path).inserted else {
        throw GenerationError(
          file: generator.name,
          "another file has the same output path \(generator.path); "
            + "use the option file_naming=underscores")
      }
    }
  }
}
