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

  /// The Swift names of services by full proto name with a leading dot.
  private(set) var services: [String: ServiceNames] = [:]
  /// The names of the enums that hold the keys of extensions: by the path of a file, and by the
  /// full proto name of a message with a leading dot.
  private(set) var extensions: [String: String] = [:]
  /// The names of the descriptors of files.
  private(set) var constants = FileConstants()

  private var nestedNames: [[String]: Set<String>] = [:]
  /// The modules that declare a top-level name; an empty text is the one that is generated.
  private var modulesOfNames: [String: Set<String>] = [:]
  let options: GeneratorOptions
  private let generated: Set<String>

  init(
    _ files: [Google_Protobuf_FileDescriptorProto], generated: Set<String>,
    _ options: GeneratorOptions
  ) throws(GenerationError) {
    self.options = options
    self.generated = generated
    constants = FileConstants(Self.filesByModule(generated, options))
    for file in files {
      try checkPrefix(of: file)
      add(file)
    }
    indirection = Indirection(entries)
    requiring = RequiringMessages.find(in: entries)
  }

  private static func filesByModule(
    _ generated: Set<String>, _ options: GeneratorOptions
  ) -> [Set<String>] {
    var own = generated
    var others: [String: Set<String>] = [:]
    for (path, module) in options.modules where !generated.contains(path) {
      if module.name == options.module {
        own.insert(path)
      } else {
        others[module.name, default: []].insert(path)
      }
    }
    return [own] + others.values
  }

  private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
    let name = file.name ?? ""
    let scope = file.package.map { $0.isEmpty ? "" : ".\($0)" } ?? ""
    let prefix = prefix(of: file)
    let features = Features(of: file)
    var names = UniqueNames()
    for type in file.enumType {
      let swift = names.take(Naming.type(type.name ?? "", suffix: "Enum", prefix: prefix))
      declare(swift, in: name)
      add(type, file: name, path: [swift], features, "\(scope).\(type.name ?? "")")
    }
    for message in file.messageType {
      let swift = names.take(Naming.type(message.name ?? "", suffix: "Message", prefix: prefix))
      declare(swift, in: name)
      add(message, file: name, path: [swift], features, "\(scope).\(message.name ?? "")")
    }
    for service in file.service {
      let swift = prefix + Naming.type(service.name ?? "", suffix: "Service")
      let taken = ServiceNames(swift, &names)
      services["\(scope).\(service.name ?? "")"] = taken
      for swift in [taken.service, taken.methods, taken.client] {
        simpleNames.insert(swift)
        declare(swift, in: name)
      }
    }
    if !file.extension.isEmpty { extensions[name] = names.take(constants.extensions(of: name)) }
  }

  private mutating func declare(_ name: String, in file: String) {
    modulesOfNames[name, default: []].insert(module(of: file) ?? "")
  }

  private mutating func add(
    _ message: Google_Protobuf_DescriptorProto, file: String, path: [String],
    _ surroundings: Features, _ protoName: String
  ) {
    let features = surroundings.applying(message.options?.features)
    add(Entry(file: file, path: path, message: message, features: features), protoName)
    if message.options?.mapEntry == true { return }
    var names = UniqueNames()
    for type in message.enumType {
      let swift = names.take(Naming.type(type.name ?? "", suffix: "Enum"))
      add(type, file: file, path: path + [swift], features, "\(protoName).\(type.name ?? "")")
    }
    for nested in message.nestedType {
      let type = Naming.type(nested.name ?? "", suffix: "Message")
      let swift = nested.options?.mapEntry == true ? type : names.take(type)
      add(
        nested, file: file, path: path + [swift], features, "\(protoName).\(nested.name ?? "")")
    }
    if !message.extension.isEmpty {
      let name = names.take("Extensions")
      extensions[protoName] = name
      nestedNames[path, default: []].insert(name)
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

  /// Whether a type of this name is nested in a type.
  func isNested(_ name: String, in path: [String]) -> Bool {
    nestedNames[path]?.contains(name) == true
  }

  /// Whether several modules have a top-level type of this name.
  func isAmbiguous(_ name: String) -> Bool { modulesOfNames[name, default: []].count > 1 }

  /// The module of a file, or nil when it is the one that is generated.
  func module(of file: String) -> String? {
    if generated.contains(file) { return nil }
    if WellKnownFiles.contains(file) { return options.isRuntime ? nil : "AmaruProtobuf" }
    guard let module = options.modules[file]?.name, module != options.module else { return nil }
    return module
  }
}
