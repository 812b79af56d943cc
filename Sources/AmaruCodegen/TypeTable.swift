// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// All messages and enums of a request by their proto names, with their Swift names.
struct TypeTable {
  /// A message or enum.
  struct Entry {
    /// The file that declares it.
    let file: String
    /// The Swift names from the outermost type to its own.
    let path: [String]
    /// The descriptor; nil for an enum.
    var message: Google_Protobuf_DescriptorProto?
    /// The descriptor; nil for a message.
    var enumeration: Google_Protobuf_EnumDescriptorProto?
    /// The features of what is inside of a message, or of an enum.
    let features: Features

    var isMapEntry: Bool { message?.options?.mapEntry == true }
  }

  /// The entries by full proto name with a leading dot, as fields refer to them.
  private(set) var entries: [String: Entry] = [:]
  /// Every simple Swift name of a type in the request. Those hide names that generated code uses.
  private(set) var simpleNames: Set<String> = []
  /// The messages that have required fields, themselves or in messages that they hold.
  private(set) var requiring: Set<String> = []
  /// Which singular fields hold their message behind a reference.
  private(set) var indirection = Indirection()

  private var nestedNames: [[String]: Set<String>] = [:]
  private let options: GeneratorOptions
  private let generated: Set<String>

  init(
    _ files: [Google_Protobuf_FileDescriptorProto], generated: Set<String>,
    _ options: GeneratorOptions
  ) {
    self.options = options
    self.generated = generated
    for file in files {
      let name = file.name ?? ""
      let scope = file.package.map { $0.isEmpty ? "" : ".\($0)" } ?? ""
      let prefix = prefix(of: file)
      let features = Features(of: file)
      for service in file.service { simpleNames.insert(prefix + (service.name ?? "")) }
      for type in file.enumType {
        let swift = Naming.type(type.name ?? "", suffix: "Enum", prefix: prefix)
        add(type, file: name, path: [swift], features, "\(scope).\(type.name ?? "")")
      }
      for message in file.messageType {
        let swift = Naming.type(message.name ?? "", suffix: "Message", prefix: prefix)
        add(message, file: name, path: [swift], features, "\(scope).\(message.name ?? "")")
      }
    }
    indirection = Indirection(entries)
    requiring = RequiringMessages.find(in: entries)
  }

  private mutating func add(
    _ message: Google_Protobuf_DescriptorProto, file: String, path: [String],
    _ surroundings: Features, _ protoName: String
  ) {
    let features = surroundings.applying(message.options?.features)
    add(Entry(file: file, path: path, message: message, features: features), protoName)
    if message.options?.mapEntry == true { return }
    for type in message.enumType {
      let swift = Naming.type(type.name ?? "", suffix: "Enum")
      add(type, file: file, path: path + [swift], features, "\(protoName).\(type.name ?? "")")
    }
    for nested in message.nestedType {
      let swift = Naming.type(nested.name ?? "", suffix: "Message")
      add(
        nested, file: file, path: path + [swift], features, "\(protoName).\(nested.name ?? "")")
    }
  }

  private mutating func add(
    _ type: Google_Protobuf_EnumDescriptorProto, file: String, path: [String],
    _ surroundings: Features, _ protoName: String
  ) {
    let features = surroundings.applying(type.options?.features)
    add(Entry(file: file, path: path, enumeration: type, features: features), protoName)
  }

  private mutating func add(_ entry: Entry, _ protoName: String) {
    entries[protoName] = entry
    guard !entry.isMapEntry, let name = entry.path.last else { return }
    simpleNames.insert(name)
    nestedNames[Array(entry.path.dropLast()), default: []].insert(name)
  }

  /// What stands in front of a file's top-level Swift names.
  func prefix(of file: Google_Protobuf_FileDescriptorProto) -> String {
    let name = file.name ?? ""
    if WellKnownFiles.contains(name) { return Naming.packagePrefix(file.package ?? "") }
    if let prefix = file.options?.swiftPrefix { return prefix }
    return generated.contains(name) ? options.prefix : options.modules[name]?.prefix ?? ""
  }

  /// The module of a file, or nil when it is the one that is generated.
  func module(of file: String) -> String? {
    if generated.contains(file) { return nil }
    if WellKnownFiles.contains(file) { return options.isRuntime ? nil : "AmaruProtobuf" }
    guard let module = options.modules[file]?.name, module != options.module else { return nil }
    return module
  }

  /// Whether a type of this name is nested in a type.
  func isNested(_ name: String, in path: [String]) -> Bool {
    nestedNames[path]?.contains(name) == true
  }

  /// How Swift refers to a type from inside of another one.
  ///
  /// - Parameter hidden: Names that are also taken inside of `scope`.
  func reference(
    _ entry: Entry, from scope: [String], of file: String
  ) throws(GenerationError) -> String {
    let path = entry.path.joined(separator: ".")
    guard let first = entry.path.first else { return path }
    let isHidden = scope.indices.contains { isNested(first, in: Array(scope[...$0])) }
    if !isHidden { return path }
    guard let module = module(of: entry.file) ?? options.module else {
      throw GenerationError(
        file: file, name: scope.joined(separator: "."),
        "a nested type hides the type \(path) that a field has; "
          + "pass the option module= with the name of the Swift module")
    }
    return "\(module).\(path)"
  }
}
