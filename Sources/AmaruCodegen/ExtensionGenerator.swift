// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Prints the extensions that a file or a message declares: a namespace with a key for each.
struct ExtensionGenerator {
  private let fields: [Google_Protobuf_FieldDescriptorProto]
  private let scope: [String]
  private let protoScope: String
  private let path: [Int32]
  private let features: Features
  private let context: FileContext

  /// - Parameters:
  ///   - scope: The Swift names of the types around the declarations.
  ///   - protoScope: What stands in front of the extensions' names in full names.
  ///   - path: Where the list of declarations is in the file (`SourceCodeInfo.Location.path`).
  init(
    _ fields: [Google_Protobuf_FieldDescriptorProto], scope: [String], protoScope: String,
    _ path: [Int32], _ features: Features, _ context: FileContext
  ) {
    self.fields = fields
    self.scope = scope
    self.protoScope = protoScope
    self.path = path
    self.features = features
    self.context = context
  }

  /// Prints nothing when there are none.
  func print(_ printer: inout CodePrinter, name: String) throws(GenerationError) {
    if fields.isEmpty { return }
    var unique = UniqueNames()
    let names = fields.map {
      unique.take(Naming.property($0.name ?? ""), ending: String($0.number ?? 0))
    }
    printer.print("")
    try printer.block("\(context.visibility)enum \(name) {") {
      (printer) throws(GenerationError) in
      for (index, field) in fields.enumerated() {
        context.document(path + [Int32(truncatingIfNeeded: index)], &printer)
        printer.print(
          "\(context.visibility)static let \(names[index]) = \(try key(field, in: scope + [name]))"
        )
      }
    }
  }

  private func key(
    _ field: Google_Protobuf_FieldDescriptorProto, in scope: [String]
  ) throws(GenerationError) -> String {
    let place = protoScope + (field.name ?? "")
    guard let number = field.number, (1...536_870_911).contains(number) else {
      throw context.error(place, "the field number is out of range")
    }
    guard let host = context.types.entries[field.extendee ?? ""], host.message != nil else {
      throw context.error(
        place,
        "the message \(field.extendee ?? "") that it extends is not in the request; "
          + "import its file")
    }
    let features = features.of(field)
    let value = try ValueType(
      field, place: place, in: scope, isGroup: features.isDelimited, context)
    let hostName = try context.types.reference(host, from: scope, of: context.name)
    let types = "<\(hostName), \(value.codec.dropLast(".self".count))>"
    if field.label == .repeated {
      let isPacked = features.isPacked && Field.isPackable(value.wireType)
      return context.runtime("RepeatedExtension")
        + "\(types)(\"\(place)\", \(number)\(isPacked ? ", isPacked: true" : ""))"
    }
    let literal = try DefaultValue.literal(of: field, value, place: place, context)
    return context.runtime("Extension")
      + "\(types)(\"\(place)\", \(number)\(literal.map { ", default: \($0)" } ?? ""))"
  }
}
