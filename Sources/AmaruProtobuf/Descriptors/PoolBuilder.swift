// SPDX-License-Identifier: Apache-2.0

/// Makes the records of a pool from descriptors that may say anything.
///
/// First everything is declared, then types are resolved and rules checked (`PoolBuilder+Link.swift`
/// and `PoolBuilder+Rules.swift`), so that the order of files and declarations does not matter.
struct PoolBuilder {
  /// How deep messages may be declared in each other.
  static let nestingLimit = 100
  /// How many bytes a full name may have. A long name could otherwise be in every name inside.
  static let nameLimit = 1024

  var files: [FileRecord] = []
  var messages: [MessageRecord] = []
  var fields: [FieldRecord] = []
  var oneofs: [OneofRecord] = []
  var enums: [EnumRecord] = []
  var services: [ServiceRecord] = []
  var symbols: [String: Symbol] = [:]
  var filesByName: [String: Int] = [:]
  /// The names in each package that are not symbols: enum values.
  private var valueNames: [String: Set<String>] = [:]

  /// Builds no records.
  init() {}

  /// Builds the records. Of a file that comes twice, both must be the same.
  init(_ protos: [Google_Protobuf_FileDescriptorProto]) throws(DescriptorError) {
    for proto in protos { try add(proto) }
    try resolveImports()
    for file in files.indices { try declare(file) }
    try link()
  }

  private mutating func add(
    _ proto: Google_Protobuf_FileDescriptorProto
  ) throws(DescriptorError) {
    let name = proto.name ?? ""
    if name.isEmpty { throw DescriptorError(file: name, reason: "the file has no name") }
    if let known = filesByName[name] {
      if files[known].proto == proto { return }
      throw DescriptorError(file: name, reason: "two different files have this name")
    }
    switch proto.syntax ?? "" {
    case "", "proto2", "proto3": break
    case "editions":
      // An edition after the last one known is not among the enum's values, and would be nil.
      guard let edition = proto.edition, edition.rawValue >= Google_Protobuf_Edition.proto2.rawValue
      else { throw DescriptorError(file: name, reason: "its edition is missing or not known") }
    case let syntax:
      throw DescriptorError(file: name, reason: "its syntax \"\(syntax)\" is not known")
    }
    filesByName[name] = files.count
    files.append(
      FileRecord(
        proto: proto, name: name, package: proto.package ?? "", features: Features(of: proto)))
  }

  /// Finds the files that each file imports, and refuses cycles.
  private mutating func resolveImports() throws(DescriptorError) {
    var importers = [[Int]](repeating: [], count: files.count)
    for index in files.indices {
      let file = files[index]
      for path in file.proto.dependency {
        guard let imported = filesByName[path] else {
          throw DescriptorError(file: file.name, reason: "the import \"\(path)\" is missing")
        }
        importers[imported].append(index)
        files[index].imports.append(imported)
      }
      let places = file.proto.publicDependency + file.proto.weakDependency
      guard places.allSatisfy({ file.proto.dependency.indices.contains(Int($0)) }) else {
        throw DescriptorError(file: file.name, reason: "a public or weak import does not exist")
      }
    }
    // Takes away files without imports until none is left.
    var missing = files.map(\.imports.count)
    var ready = missing.indices.filter { missing[$0] == 0 }
    var done = 0
    while let file = ready.popLast() {
      done += 1
      for importer in importers[file] {
        missing[importer] -= 1
        if missing[importer] == 0 { ready.append(importer) }
      }
    }
    if done < files.count, var cyclic = missing.firstIndex(where: { $0 > 0 }) {
      // It may only lead to a cycle; so many steps on, it is in one.
      for _ in files.indices {
        cyclic = files[cyclic].imports.first { missing[$0] > 0 } ?? cyclic
      }
      throw DescriptorError(file: files[cyclic].name, reason: "its imports form a cycle")
    }
  }

  // MARK: Declaring

  private mutating func declare(_ file: Int) throws(DescriptorError) {
    let record = files[file]
    try declarePackage(record)
    // Taken out, so that it is changed in place.
    var names = valueNames.removeValue(forKey: record.package) ?? []
    let features = record.features
    for proto in record.proto.messageType {
      files[file].messages.append(
        try declare(proto, file, nil, features, depth: 1, names: &names))
    }
    for proto in record.proto.enumType {
      files[file].enums.append(try declare(proto, file, nil, features, names: &names))
    }
    for proto in record.proto.service {
      files[file].services.append(try declare(proto, file, names: &names))
    }
    for proto in record.proto.extension {
      files[file].extensions.append(
        try declare(extension: proto, file, nil, features, names: &names))
    }
    valueNames[record.package] = names
  }

  private mutating func declarePackage(_ file: FileRecord) throws(DescriptorError) {
    if file.package.isEmpty { return }
    guard file.package.utf8.count <= Self.nameLimit else {
      throw DescriptorError(file: file.name, reason: "its package's name is too long")
    }
    var name = ""
    for part in file.package.split(separator: ".", omittingEmptySubsequences: false) {
      guard Self.isIdentifier(part) else {
        throw DescriptorError(file: file.name, reason: "its package's name is not valid")
      }
      name += name.isEmpty ? String(part) : ".\(part)"
      if symbols.updateValue(.package, forKey: name) ?? .package != .package {
        throw DescriptorError(file: file.name, symbol: name, reason: "is a package and more")
      }
    }
  }

  /// Declares a message and what is inside of it. `names` are those that are taken around it.
  private mutating func declare(
    _ proto: Google_Protobuf_DescriptorProto, _ file: Int, _ parent: Int?, _ outer: Features,
    depth: Int, names: inout Set<String>
  ) throws(DescriptorError) -> Int {
    let index = messages.count
    let name = proto.name ?? ""
    let fullName = try declare(name, .message(index), file, parent, &names)
    guard depth <= Self.nestingLimit else {
      throw error(file, fullName, "messages are declared in each other too deeply")
    }
    let features = outer.applying(proto.options?.features)
    messages.append(
      MessageRecord(
        proto: proto, name: name, fullName: fullName, file: file, parent: parent,
        features: features, isMapEntry: proto.options?.mapEntry == true,
        isMessageSet: proto.options?.messageSetWireFormat == true))
    var inner: Set<String> = []
    for oneof in proto.oneofDecl {
      let name = oneof.name ?? ""
      try take(name, file, index, &inner)
      messages[index].oneofs.append(oneofs.count)
      oneofs.append(
        OneofRecord(
          proto: oneof, name: name, containing: index,
          features: features.applying(oneof.options?.features)))
    }
    for field in proto.field { try declare(field, file, index, names: &inner) }
    for nested in proto.nestedType {
      messages[index].nested.append(
        try declare(nested, file, index, features, depth: depth + 1, names: &inner))
    }
    for nested in proto.enumType {
      messages[index].enums.append(try declare(nested, file, index, features, names: &inner))
    }
    for field in proto.extension {
      messages[index].extensions.append(
        try declare(extension: field, file, index, features, names: &inner))
    }
    return index
  }

  private mutating func declare(
    _ proto: Google_Protobuf_FieldDescriptorProto, _ file: Int, _ message: Int,
    names: inout Set<String>
  ) throws(DescriptorError) {
    let name = proto.name ?? ""
    try take(name, file, message, &names)
    var outer = messages[message].features
    var oneof: Int?
    if let place = proto.oneofIndex {
      guard messages[message].oneofs.indices.contains(Int(place)) else {
        throw error(file, "\(messages[message].fullName).\(name)", "its oneof does not exist")
      }
      let index = messages[message].oneofs[Int(place)]
      outer = oneofs[index].features
      oneofs[index].fields.append(fields.count)
      oneof = index
    }
    messages[message].fields.append(fields.count)
    fields.append(
      FieldRecord(
        proto: proto, name: name, number: proto.number ?? 0, file: file, scope: message,
        isExtension: false, features: outer.of(proto), oneof: oneof))
  }

  private mutating func declare(
    extension proto: Google_Protobuf_FieldDescriptorProto, _ file: Int, _ scope: Int?,
    _ features: Features, names: inout Set<String>
  ) throws(DescriptorError) -> Int {
    let index = fields.count
    let name = proto.name ?? ""
    let fullName = try declare(name, .extensionField(index), file, scope, &names)
    if proto.oneofIndex != nil { throw error(file, fullName, "an extension is in a oneof") }
    fields.append(
      FieldRecord(
        proto: proto, name: name, number: proto.number ?? 0, file: file, scope: scope,
        isExtension: true, features: features.of(proto), oneof: nil))
    return index
  }

  private mutating func declare(
    _ proto: Google_Protobuf_EnumDescriptorProto, _ file: Int, _ parent: Int?, _ outer: Features,
    names: inout Set<String>
  ) throws(DescriptorError) -> Int {
    let index = enums.count
    let name = proto.name ?? ""
    let fullName = try declare(name, .enumeration(index), file, parent, &names)
    var record = EnumRecord(
      proto: proto, name: name, fullName: fullName, file: file, parent: parent,
      isClosed: outer.applying(proto.options?.features).isEnumClosed)
    for (place, value) in proto.value.enumerated() {
      let name = value.name ?? ""
      // A value's name stands beside its enum's, as in C++.
      try take(name, file, parent, &names)
      record.byName[name] = place
      let number = value.number ?? 0
      if record.byNumber[number] == nil {
        record.byNumber[number] = place
      } else if proto.options?.allowAlias != true {
        throw error(file, fullName, "two values have the number \(number)")
      }
    }
    guard let first = proto.value.first else { throw error(file, fullName, "it has no values") }
    if !record.isClosed, first.number ?? 0 != 0 {
      throw error(file, fullName, "its first value is not zero")
    }
    enums.append(record)
    return index
  }

  private mutating func declare(
    _ proto: Google_Protobuf_ServiceDescriptorProto, _ file: Int, names: inout Set<String>
  ) throws(DescriptorError) -> Int {
    let index = services.count
    let name = proto.name ?? ""
    let fullName = try declare(name, .service(index), file, nil, &names)
    services.append(ServiceRecord(proto: proto, name: name, fullName: fullName, file: file))
    return index
  }

  // MARK: Names

  /// Takes a name in a scope and enters it as a symbol. Returns the full name.
  private mutating func declare(
    _ name: String, _ symbol: Symbol, _ file: Int, _ scope: Int?, _ names: inout Set<String>
  ) throws(DescriptorError) -> String {
    try take(name, file, scope, &names)
    let fullName = qualified(name, file, scope)
    guard symbols.updateValue(symbol, forKey: fullName) == nil else {
      throw error(file, fullName, "the name is taken")
    }
    return fullName
  }

  /// Takes a name in a scope: the package of a file, or a message.
  private func take(
    _ name: String, _ file: Int, _ scope: Int?, _ names: inout Set<String>
  ) throws(DescriptorError) {
    let fullName = qualified(name, file, scope)
    guard fullName.utf8.count <= Self.nameLimit else {
      throw error(file, String(fullName.prefix(100)), "the name is too long")
    }
    guard Self.isIdentifier(name) else { throw error(file, fullName, "the name is not valid") }
    guard names.insert(name).inserted else { throw error(file, fullName, "the name is taken") }
    if scope == nil, symbols[fullName] != nil { throw error(file, fullName, "the name is taken") }
  }

  func qualified(_ name: String, _ file: Int, _ scope: Int?) -> String {
    let outer = scope.map { messages[$0].fullName } ?? files[file].package
    return outer.isEmpty ? name : "\(outer).\(name)"
  }

  private static func isIdentifier(_ name: some StringProtocol) -> Bool {
    var isFirst = true
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        break
      case UInt8(ascii: "0")...UInt8(ascii: "9"): if isFirst { return false }
      default: return false
      }
      isFirst = false
    }
    return !isFirst
  }

  func error(_ file: Int, _ symbol: String, _ reason: String) -> DescriptorError {
    DescriptorError(file: files[file].name, symbol: symbol, reason: reason)
  }
}
