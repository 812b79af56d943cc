// SPDX-License-Identifier: Apache-2.0

// Resolves the types that declarations name, and what follows from them.
extension PoolBuilder {
  mutating func link() throws(DescriptorError) {
    for index in messages.indices { try linkRanges(index) }
    for index in fields.indices { try linkType(index) }
    for index in fields.indices { try linkField(index) }
    for index in messages.indices { try linkMessage(index) }
    for index in oneofs.indices { try checkOneof(index) }
    for index in services.indices { try linkService(index) }
  }

  /// The name that errors give to a field.
  func fullName(_ field: FieldRecord) -> String { qualified(field.name, field.file, field.scope) }

  // MARK: Types

  /// Settles the type of a field and the message that has it.
  private mutating func linkType(_ index: Int) throws(DescriptorError) {
    let field = fields[index]
    fields[index].type = try type(of: field)
    fields[index].isRepeated = field.proto.label == .repeated
    guard field.isExtension else {
      fields[index].containing = field.scope ?? 0
      return
    }
    let name = field.proto.extendee ?? ""
    guard case .message(let extended)? = resolve(name, field.file, field.scope) else {
      throw error(field.file, fullName(field), "the message that it extends, \(name), is missing")
    }
    fields[index].containing = extended
    guard messages[extended].extending.updateValue(index, forKey: field.number) == nil else {
      let text = "another extension has the number \(field.number)"
      throw error(field.file, fullName(field), text)
    }
  }

  private func type(of field: FieldRecord) throws(DescriptorError) -> TypeReference {
    let proto = field.proto
    if let scalar = proto.type.flatMap(ScalarType.init) {
      if let name = proto.typeName, !name.isEmpty {
        throw error(field.file, fullName(field), "a scalar names the type \(name)")
      }
      return .scalar(scalar)
    }
    let name = proto.typeName ?? ""
    if name.isEmpty { throw error(field.file, fullName(field), "it has no type") }
    switch (resolve(name, field.file, field.scope), proto.type) {
    case (.message(let message)?, .message?), (.message(let message)?, .group?),
      (.message(let message)?, nil):
      return .message(message)
    case (.enumeration(let enumeration)?, .enum?), (.enumeration(let enumeration)?, nil):
      return .enumeration(enumeration)
    case (nil, _):
      throw error(field.file, fullName(field), "its type \(name) is missing")
    default:
      throw error(field.file, fullName(field), "its type \(name) is of another kind")
    }
  }

  /// What a type's name means: with a leading dot in full, else seen from a scope, the innermost
  /// first.
  private func resolve(_ name: String, _ file: Int, _ scope: Int?) -> Symbol? {
    if name.utf8.first == UInt8(ascii: ".") { return symbols[String(name.dropFirst())] }
    guard name.utf8.count <= Self.nameLimit else { return nil }
    var outer = (scope.map { messages[$0].fullName } ?? files[file].package)[...]
    while !outer.isEmpty {
      switch symbols["\(outer).\(name)"] {
      case let symbol? where symbol != .package: return symbol
      default: break
      }
      outer = outer.lastIndex(of: ".").map { outer[..<$0] } ?? ""
    }
    return symbols[name]
  }

  // MARK: Fields

  /// Settles what follows from a field's type and features.
  private mutating func linkField(_ index: Int) throws(DescriptorError) {
    var field = fields[index]
    let isMessage = if case .message = field.type { true } else { false }
    field.mapEntry = try mapEntry(of: field)
    let isInOneof = field.oneof != nil
    let features = field.features
    field.isRequired =
      !field.isRepeated && !isInOneof && !field.isExtension && features.fieldPresence == .required
    field.hasPresence =
      !field.isRepeated
      && (isMessage || isInOneof || field.isExtension || features.fieldPresence != .implicit)
    field.isPacked = field.isRepeated && isPackable(field.type) && features.isPacked
    // Neither maps nor their values are ever delimited (protobuf.dev, "Feature Settings for
    // Editions", message_encoding).
    field.isDelimited =
      isMessage && features.isDelimited && field.mapEntry == nil
      && !messages[field.containing].isMapEntry
    if field.isExtension {
      field.jsonName = "[\(fullName(field))]"
    } else {
      field.jsonName = field.proto.effectiveJSONName
    }
    field.defaultValue = try defaultValue(of: field)
    try check(field)
    fields[index] = field
  }

  private func isPackable(_ type: TypeReference) -> Bool {
    switch type {
    case .scalar(let scalar): scalar.wireType != .lengthDelimited
    case .enumeration: true
    case .message: false
    }
  }

  /// The places of key and value, when the field is a map.
  private func mapEntry(of field: FieldRecord) throws(DescriptorError) -> FieldRecord.MapEntry? {
    guard case .message(let message) = field.type, messages[message].isMapEntry else { return nil }
    let entry = messages[message]
    guard field.isRepeated, !field.isExtension, entry.parent == field.scope,
      field.proto.type != .group
    else { throw error(field.file, fullName(field), "a map's entry is used outside of its map") }
    guard entry.fields.count == 2, entry.nested.isEmpty, entry.enums.isEmpty,
      entry.extensions.isEmpty, entry.oneofs.isEmpty, entry.proto.extensionRange.isEmpty
    else {
      throw error(entry.file, entry.fullName, "a map's entry has other parts than two fields")
    }
    let (key, value) = (fields[entry.fields[0]], fields[entry.fields[1]])
    guard key.name == "key", key.number == 1, value.name == "value", value.number == 2,
      [key, value].allSatisfy({ $0.proto.label != .repeated && $0.proto.label != .required })
    else { throw error(entry.file, entry.fullName, "a map's entry lacks a key or a value") }
    guard case .scalar(let type) = key.type, type.isMapKey else {
      throw error(entry.file, entry.fullName, "a map's key has a type that is not allowed")
    }
    if case .enumeration(let place) = value.type, enums[place].proto.value.first?.number ?? 0 != 0 {
      throw error(entry.file, entry.fullName, "the first value of its enum is not zero")
    }
    return FieldRecord.MapEntry(key: entry.fields[0], value: entry.fields[1])
  }

  // MARK: Messages and services

  private mutating func linkMessage(_ index: Int) throws(DescriptorError) {
    let message = messages[index]
    var (byNumber, byName, byJSONName) = ([Int32: Int](), [String: Int](), [String: Int]())
    for place in message.fields {
      let field = fields[place]
      guard byNumber.updateValue(place, forKey: field.number) == nil else {
        let text = "another field has the number \(field.number)"
        throw error(message.file, fullName(field), text)
      }
      byName[field.name] = place
      // Proto2 allows two fields with the same JSON name; the first has it then.
      if byJSONName[field.jsonName] == nil { byJSONName[field.jsonName] = place }
    }
    messages[index].byNumber = byNumber
    messages[index].byName = byName
    messages[index].byJSONName = byJSONName
    messages[index].sorted = message.fields.sorted { fields[$0].number < fields[$1].number }
    try check(message)
  }

  private mutating func linkService(_ index: Int) throws(DescriptorError) {
    let service = services[index]
    for proto in service.proto.method {
      let name = proto.name ?? ""
      let symbol = "\(service.fullName).\(name)"
      guard !name.isEmpty, services[index].byName[name] == nil else {
        throw error(service.file, symbol, "the name is taken or empty")
      }
      services[index].byName[name] = services[index].methods.count
      let input = try message(proto.inputType, of: service, symbol)
      let output = try message(proto.outputType, of: service, symbol)
      services[index].methods.append(
        MethodRecord(proto: proto, name: name, input: input, output: output))
    }
  }

  private func message(
    _ name: String?, of service: ServiceRecord, _ symbol: String
  ) throws(DescriptorError) -> Int {
    guard let name, case .message(let message)? = resolve(name, service.file, nil) else {
      throw error(service.file, symbol, "its type \(name ?? "") is missing")
    }
    return message
  }
}
