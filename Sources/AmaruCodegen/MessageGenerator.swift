// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Prints a message: a structure with its fields, and the two functions that read and write them.
struct MessageGenerator {
  let scope: MessageScope
  let context: FileContext
  let fields: [Field]
  let oneofs: [Oneof]

  init(_ scope: MessageScope, _ context: FileContext) throws(GenerationError) {
    self.scope = scope
    self.context = context
    let types = context.types.names(in: scope.descriptor, scope.protoName)
    let names = MemberNames(scope.descriptor, taken: types)
    var fields: [Field] = []
    for (index, descriptor) in scope.descriptor.field.enumerated() {
      let path = scope.path + [2, Int32(truncatingIfNeeded: index)]
      let name = names.fields[index] ?? ""
      fields.append(try Field(descriptor, name: name, path: path, of: scope, context))
    }
    self.fields = fields
    var taken = UniqueNames(Self.typeNames(in: scope, fields, context).union(RuntimeNames.all))
    oneofs = scope.descriptor.oneofDecl.enumerated().compactMap { index, descriptor in
      let members = fields.filter { field in
        if case .oneof(index) = field.storage { true } else { false }
      }
      if members.isEmpty { return nil }
      let path = scope.path + [8, Int32(truncatingIfNeeded: index)]
      return Oneof(
        descriptor, index: index, name: names.oneofs[index] ?? "", path: path, fields: members,
        taken: &taken)
    }
  }

  /// The first names of the types that the message refers to, and of those that it declares.
  private static func typeNames(
    in scope: MessageScope, _ fields: [Field], _ context: FileContext
  ) -> Set<String> {
    var names = Set(scope.swiftPath)
    func visit(_ message: Google_Protobuf_DescriptorProto, _ protoName: String) {
      names.formUnion(context.types.names(in: message, protoName))
      for field in message.field + message.extension {
        for type in [field.typeName, field.extendee].compactMap({ $0 }) {
          for name in type.split(separator: ".") { names.insert(String(name)) }
          names.formUnion(context.types.entries[type]?.path ?? [])
        }
      }
      for nested in message.nestedType { visit(nested, "\(protoName).\(nested.name ?? "")") }
    }
    visit(scope.descriptor, scope.protoName)
    for field in fields { names.insert(String(field.type.prefix { $0 != "." })) }
    return names
  }

  func print(_ printer: inout CodePrinter) throws(GenerationError) {
    let visibility = context.visibility
    context.document(scope.path, &printer)
    let name = scope.swiftPath.last ?? ""
    let file = try context.descriptor(hiddenBy: members + scope.surroundingMembers)
    try printer.block("\(visibility)struct \(name): \(context.runtime("Message")) {") {
      (printer) throws(GenerationError) in
      for field in fields { printProperty(field, &printer) }
      for oneof in oneofs { try printOneof(oneof, &printer) }
      printer.print(
        "\(visibility)var unknownFields = \(context.runtime("UnknownFields"))()", "",
        "\(visibility)static var protoName: \(context.standard("String")) { \"\(scope.protoName)\" }",
        "\(visibility)static var protoFile: \(context.runtime("ProtoFile")) { \(file) }",
        "", "\(visibility)init() {}", "")
      try printMerge(&printer)
      printer.print("")
      try printWrite(&printer)
      try printMissing(&printer)
      try printJSON(&printer)
      try printNested(&printer)
    }
  }

  /// The names of the properties.
  private var members: [String] { fields.map(\.name) + oneofs.map(\.name) }

  /// Whether the message has the wire format of old message sets.
  private var isMessageSet: Bool { scope.descriptor.options?.messageSetWireFormat == true }

  // MARK: Properties

  private func printProperty(_ field: Field, _ printer: inout CodePrinter) {
    let declaration = "\(context.visibility)var \(field.name): \(field.type)"
    switch field.storage {
    case .oneof: return
    case .boxed:
      printer.print("private var \(field.boxName): \(context.runtime("Box"))<\(field.type)>?")
    default: break
    }
    context.document(field.path, &printer)
    switch field.storage {
    case .singular(let zero): printer.print("\(declaration) = \(zero)")
    case .optional: printer.print("\(declaration)?")
    case .array: printer.print("\(context.visibility)var \(field.name): [\(field.type)] = []")
    case .dictionary: printer.print("\(declaration) = [:]")
    case .boxed:
      printer.print(
        "\(declaration)? {",
        "  get { \(field.boxName)?.value }",
        "  set { \(field.boxName) = newValue.map { \(context.runtime("Box"))($0) } }",
        "}")
    case .oneof: break
    }
    printDefault(of: field, &printer)
  }

  /// A default that the declaration states has a property of its own: nil stays "not set".
  private func printDefault(of field: Field, _ printer: inout CodePrinter) {
    guard let literal = field.declaredDefault else { return }
    let name = field.name.filter { $0 != "`" } + "OrDefault"
    if members.contains(name) { return }
    printer.print(
      "/// `\(field.protoName)`, or the default that its declaration states.",
      "\(context.visibility)var \(name): \(field.type) { \(field.accessAtStart) ?? \(literal) }")
  }

  private func printOneof(
    _ oneof: Oneof, _ printer: inout CodePrinter
  ) throws(GenerationError) {
    let visibility = context.visibility
    context.document(oneof.path, &printer)
    printer.print("\(visibility)var \(oneof.name): \(oneof.type)?")
    for field in oneof.fields {
      printer.print("")
      context.document(field.path, &printer)
      printer.print(
        "\(visibility)var \(field.name): \(field.type)? {",
        "  get { if case .\(field.name)(let value)? = \(oneof.access) { value } else { nil } }",
        "  set {",
        "    if let newValue {",
        "      \(oneof.access) = .\(field.name)(newValue)",
        "    } else if case .\(field.name)? = \(oneof.access) {",
        "      \(oneof.access) = nil",
        "    }",
        "  }",
        "}")
    }
    for field in oneof.fields { printDefault(of: field, &printer) }
    printer.print("")
    context.document(oneof.path, &printer)
    let conformances = "\(context.standard("Sendable")), \(context.standard("Hashable"))"
    try printer.block("\(visibility)enum \(oneof.type): \(conformances) {") { printer in
      for field in oneof.fields {
        context.document(field.path, &printer)
        let indirect = field.isIndirect ? "indirect " : ""
        printer.print("\(indirect)case \(field.name)(\(field.type))")
      }
    }
    printer.print("")
  }

  // MARK: Functions

  private func printMerge(_ printer: inout CodePrinter) throws(GenerationError) {
    let reader = context.runtime("Reader")
    let failure = context.runtime("DecodingError")
    try printer.block(
      "\(context.visibility)mutating func merge(from reader: inout \(reader)) throws(\(failure)) {"
    ) { (printer) throws(GenerationError) in
      try printer.block("while let tag = try reader.nextTag() {") {
        (printer) throws(GenerationError) in
        if isMessageSet {
          printer.print("try reader.messageSet(tag, into: &unknownFields)")
          return
        }
        if fields.isEmpty {
          printer.print("try reader.unknown(tag, into: &unknownFields)")
          return
        }
        printer.print("switch tag {")
        for field in fields { printRead(field, &printer) }
        printer.print("default: try reader.unknown(tag, into: &unknownFields)", "}")
      }
    }
  }

  private func printRead(_ field: Field, _ printer: inout CodePrinter) {
    if let type = field.closed { return printRead(field, closed: type, &printer) }
    let tag = field.tag
    switch field.storage {
    case .singular, .optional:
      if let read = field.read {
        printer.print("case \(tag): \(field.access) = try \(read)")
      } else {
        printer.print("case \(tag): \(readMessage(field, field.access))")
      }
    case .boxed:
      printer.print("case \(tag): \(readMessage(field, field.boxName))")
    case .array:
      printer.print("case \(tag): try reader.append(&\(field.access), \(tag), \(field.codec))")
      if field.isPackable {
        printer.print(
          "case \(field.packedTag): try reader.packed(&\(field.access), \(field.codec))")
      }
    case .dictionary:
      printer.print("case \(tag): try reader.map(&\(field.access), \(tag), \(field.codec))")
    case .oneof(let index):
      let access = access(ofOneof: index)
      if let read = field.read {
        printer.print("case \(tag): \(access) = .\(field.name)(try \(read))")
      } else {
        printer.print("case \(tag): \(readMessage(field, field.access))")
      }
    }
  }

  private func readMessage(_ field: Field, _ access: String) -> String {
    field.wireType == .startGroup
      ? "try reader.group(&\(access), \(field.tag))" : "try reader.message(&\(access))"
  }

  /// Reads values of a closed enum; what is not declared goes to the unknown fields.
  private func printRead(_ field: Field, closed type: String, _ printer: inout CodePrinter) {
    let (tag, access) = (field.tag, field.access)
    switch field.storage {
    case .array:
      let arguments = "(&\(access), \(tag), closed: \(type).self, &unknownFields)"
      printer.print(
        "case \(tag): try reader.append\(arguments)",
        "case \(field.packedTag): try reader.packed\(arguments)")
    case .dictionary:
      printer.print(
        "case \(tag): try reader.map(&\(access), \(tag), \(field.keyCodec), closed: \(type).self, "
          + "&unknownFields)")
    default:
      printer.print(
        "case \(tag):",
        "  if let value = try reader.closed(\(tag), \(type).self, &unknownFields) {",
        "    self.\(field.name) = value",
        "  }")
    }
  }

  private func printWrite(_ printer: inout CodePrinter) throws(GenerationError) {
    let writer = context.runtime("BackWriter")
    try printer.block(
      "\(context.visibility)func writeBackward(_ writer: inout \(writer)) {"
    ) { printer in
      printer.print("writer.\(isMessageSet ? "messageSet" : "unknown")(unknownFields)")
      // A oneof is written where its member with the lowest number would be.
      let first = Dictionary(
        oneofs.compactMap { oneof in oneof.fields.map(\.number).min().map { ($0, oneof) } },
        uniquingKeysWith: { first, _ in first })
      for field in fields.sorted(by: { $0.number > $1.number }) {
        if case .oneof = field.storage {
          if let oneof = first[field.number] { printWrite(oneof, &printer) }
        } else {
          printWrite(field, &printer)
        }
      }
    }
  }

  private func printWrite(_ field: Field, _ printer: inout CodePrinter) {
    let call: String
    var tag = field.tag
    var value = field.access
    switch field.storage {
    case .singular: call = "singular"
    case .optional: call = "optional"
    case .boxed:
      call = "optional"
      value = field.boxName
    case .array(let isPacked):
      call = isPacked ? "packed" : "repeated"
      tag = isPacked ? field.packedTag : tag
    case .dictionary: call = "map"
    case .oneof: call = "field"
    }
    printer.print("writer.\(call)(\(tag), \(value), \(field.codec))")
  }

  private func printWrite(_ oneof: Oneof, _ printer: inout CodePrinter) {
    printer.print("switch \(oneof.access) {")
    for field in oneof.fields {
      printer.print(
        "case .\(field.name)(let value)?: writer.field(\(field.tag), value, \(field.codec))")
    }
    printer.print("case nil: break", "}")
  }

  // MARK: Required fields

  private func printMissing(_ printer: inout CodePrinter) throws(GenerationError) {
    guard context.types.requiring.contains(".\(scope.protoName)") else { return }
    printer.print("")
    let type = "\(context.standard("String"))?"
    try printer.block("\(context.visibility)var missingRequiredField: \(type) {") { printer in
      for field in fields where field.isRequired {
        printer.print("if \(field.name) == nil { return \"\(field.protoName)\" }")
      }
      let nested = fields.filter(\.requires).map {
        "\(context.runtime("RequiredFields")).missing(\"\($0.protoName)\", in: \($0.name))"
      }
      for expression in nested.dropLast() {
        printer.print("if let path = \(expression) { return path }")
      }
      printer.print("return \(nested.last ?? "nil")")
    }
  }

  // MARK: Nested types

  private func printNested(_ printer: inout CodePrinter) throws(GenerationError) {
    for (index, type) in scope.descriptor.enumType.enumerated() {
      printer.print("")
      let path = scope.path + [4, Int32(truncatingIfNeeded: index)]
      let protoName = "\(scope.protoName).\(type.name ?? "")"
      try EnumGenerator(type, protoName: protoName, path, scope.features, context)
        .print(&printer, name: context.types.name(of: protoName))
    }
    for (index, nested) in scope.descriptor.nestedType.enumerated() {
      if nested.options?.mapEntry == true { continue }
      printer.print("")
      let protoName = "\(scope.protoName).\(nested.name ?? "")"
      let inner = MessageScope(
        descriptor: nested, protoName: protoName,
        swiftPath: scope.swiftPath + [context.types.name(of: protoName)],
        features: scope.features.applying(nested.options?.features),
        path: scope.path + [3, Int32(truncatingIfNeeded: index)],
        surroundingMembers: members + scope.surroundingMembers)
      try MessageGenerator(inner, context).print(&printer)
    }
    try ExtensionGenerator(
      scope.descriptor.extension, scope: scope.swiftPath, protoScope: scope.protoName + ".",
      scope.path + [6], scope.features, context
    ).print(&printer, name: context.types.extensions[".\(scope.protoName)"] ?? "")
  }
}
