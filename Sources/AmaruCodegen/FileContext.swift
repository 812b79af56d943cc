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

  /// How generated code refers to the descriptor of the file; with the module where a declaration
  /// around the place has the same name.
  func descriptor(hiddenBy names: [String]) throws(GenerationError) -> String {
    let constant = types.constants.name(of: name)
    if !names.contains(constant) { return constant }
    guard let module = options.module else {
      throw error(
        constant,
        "a declaration hides the constant of the file; "
          + "pass the option module= with the name of the Swift module")
    }
    return "\(module)::\(constant)"
  }
}
