// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

// What the generators ask about names.
extension TypeTable {
  /// The Swift name of a message or enum, without those of the types around it.
  ///
  /// - Parameter protoName: The full name, without a leading dot.
  func name(of protoName: String) -> String { entries[".\(protoName)"]?.path.last ?? "" }

  /// The names of the types that a message declares, without oneofs.
  func names(in message: Google_Protobuf_DescriptorProto, _ protoName: String) -> Set<String> {
    var names: Set<String> = []
    for type in message.enumType { names.insert(name(of: "\(protoName).\(type.name ?? "")")) }
    for nested in message.nestedType where nested.options?.mapEntry != true {
      names.insert(name(of: "\(protoName).\(nested.name ?? "")"))
    }
    if let name = extensions[".\(protoName)"] { names.insert(name) }
    return names
  }

  /// Fails when the file's own option for the prefix is none.
  func checkPrefix(of file: Google_Protobuf_FileDescriptorProto) throws(GenerationError) {
    guard let prefix = file.options?.swiftPrefix, !Naming.isPrefix(prefix) else { return }
    throw GenerationError(
      file: file.name ?? "",
      "option swift_prefix is \"\(prefix)\", with which no Swift name can begin; use letters, "
        + "digits and underscores, and no digit at the start")
  }

  /// How Swift refers to a type from inside of another one.
  ///
  /// A type of another module has its module in front, `Shared::Money`: types of the schema, and of
  /// files that are not known here, may have its name. One of the runtime has it only where a type
  /// of the schema has the name.
  func reference(
    _ entry: Entry, from scope: [String], of file: String
  ) throws(GenerationError) -> String {
    let path = entry.path.joined(separator: ".")
    guard let first = entry.path.first else { return path }
    let isHidden = scope.indices.contains { isNested(first, in: Array(scope[...$0])) }
    if let module = module(of: entry.file) {
      if module != "AmaruProtobuf" { return "\(module)::\(path)" }
      return isHidden || isAmbiguous(first) ? "\(module).\(path)" : path
    }
    if !isHidden { return path }
    guard let module = options.module else {
      throw GenerationError(
        file: file, name: scope.joined(separator: "."),
        "a nested type hides the type \(path) that a field has; "
          + "pass the option module= with the name of the Swift module")
    }
    return "\(module)::\(path)"
  }
}
