// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// What the generators of one file's declarations share.
struct FileContext {
  let file: Google_Protobuf_FileDescriptorProto
  let types: TypeTable
  let options: GeneratorOptions
  let comments: Comments
  private let importsOtherModules: Bool

  var name: String { file.name ?? "" }
  var visibility: String { options.visibility.modifier }
  /// The features of the file's top-level declarations.
  let features: Features
  /// What stands in front of the file's top-level proto names in full names.
  var scope: String { file.package.map { $0.isEmpty ? "" : "\($0)." } ?? "" }

  init(
    _ file: Google_Protobuf_FileDescriptorProto, _ types: TypeTable, _ options: GeneratorOptions
  ) {
    self.file = file
    self.types = types
    self.options = options
    features = Features(of: file)
    importsOtherModules = file.dependency.contains {
      ![nil, "AmaruProtobuf"].contains(types.module(of: $0))
    }
    comments = Comments(file.sourceCodeInfo)
  }

  /// Whether a name may be that of a type: one of the request, or one of an imported module, of
  /// whose types the request need not tell all.
  private func mayBeHidden(_ name: String) -> Bool {
    importsOtherModules || types.simpleNames.contains(name)
  }

  /// A name of the standard library; with its module when a type of the schema hides it.
  func standard(_ name: String) -> String {
    mayBeHidden(name) ? "Swift.\(name)" : name
  }

  /// A name of the protobuf runtime; with its module when a type of the schema hides it.
  func runtime(_ name: String) -> String {
    mayBeHidden(name) && !options.isRuntime ? "AmaruProtobuf.\(name)" : name
  }

  /// A name of the RPC runtime; with its module when a type of the schema hides it.
  func core(_ name: String) -> String {
    mayBeHidden(name) ? "AmaruCore.\(name)" : name
  }

  /// An error about a declaration of this file.
  func error(_ name: String?, _ problem: String) -> GenerationError {
    GenerationError(file: self.name, name: name, problem)
  }

  /// Prints the documentation of a declaration.
  func document(_ path: [Int32], _ printer: inout CodePrinter) {
    for line in comments.documentation(at: path) { printer.print(line) }
  }

  /// Fails when two declarations of one scope have the same Swift name.
  func checkUnique(
    _ names: [(swift: String, proto: String)], in scope: String
  ) throws(GenerationError) {
    var seen: [String: String] = [:]
    for (swift, proto) in names {
      if let other = seen.updateValue(proto, forKey: swift) {
        throw error(
          scope, "\(other) and \(proto) both become \(swift) in Swift; rename one of them")
      }
    }
  }
}
