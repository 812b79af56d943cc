// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

// The JSON form of a message: the names of its fields, and the two functions that read and write
// it.
extension MessageGenerator {
  func printJSON(_ printer: inout CodePrinter) throws(GenerationError) {
    if context.options.isRuntime, AnyContent.hasOwnForm(scope.protoName) { return }
    let fields = fields.sorted { $0.number < $1.number }
    printer.print("")
    printNames(fields, &printer)
    printer.print("")
    try printJSONMerge(fields, &printer)
    printer.print("")
    try printJSONWrite(fields, &printer)
  }

  private func printNames(_ fields: [Field], _ printer: inout CodePrinter) {
    let names = fields.map { field in
      let isOne = field.jsonName == field.protoName
      let names = isOne ? [field.jsonName] : [field.jsonName, field.protoName]
      return names.map { "\(JSONName.tableEntry($0))=\(field.number);" }.joined()
    }
    printer.print(
      names: names, "\(context.visibility)static let jsonNames = \(context.runtime("FieldNames"))")
  }

  // MARK: Reading

  private func printJSONMerge(
    _ fields: [Field], _ printer: inout CodePrinter
  ) throws(GenerationError) {
    let reader = context.runtime("JSONReader")
    let failure = context.runtime("JSONDecodingError")
    try printer.block(
      "\(context.visibility)mutating func merge(fromJSON reader: inout \(reader)) "
        + "throws(\(failure)) {"
    ) { (printer) throws(GenerationError) in
      let unknown =
        isExtensible
        ? "try reader.extensionField(of: Self.protoName, &fields, into: &unknownFields)"
        : "try reader.unknownField(of: Self.protoName)"
      printer.print("var fields = try reader.beginMessage(Self.jsonNames)")
      if fields.isEmpty {
        printer.print("while try reader.nextField(&fields) != nil { \(unknown) }")
        return
      }
      try printer.block("while let number = try reader.nextField(&fields) {") { printer in
        printer.print("switch number {")
        for field in fields {
          printer.print("case \(field.number): try reader.\(jsonRead(field))")
        }
        printer.print("default: \(unknown)", "}")
      }
    }
  }

  private func jsonRead(_ field: Field) -> String {
    switch field.storage {
    case .singular: "singular(&\(field.access), \(field.codec))"
    case .optional: "optional(&\(field.access), \(field.codec))"
    case .boxed: "optional(&\(field.boxName), \(field.codec))"
    case .array: "repeated(&\(field.access), \(field.codec))"
    case .dictionary: "map(&\(field.access), \(field.codec))"
    case .oneof(let index):
      "member(&\(access(ofOneof: index)), \(field.codec)) { .\(field.name)($0) }"
    }
  }

  /// Whether the message may have extensions.
  private var isExtensible: Bool { !scope.descriptor.extensionRange.isEmpty }

  /// How generated functions refer to the oneof with this index.
  func access(ofOneof index: Int) -> String {
    oneofs.first { $0.index == index }?.access ?? ""
  }

  // MARK: Writing

  private func printJSONWrite(
    _ fields: [Field], _ printer: inout CodePrinter
  ) throws(GenerationError) {
    let writer = context.runtime("JSONWriter")
    try printer.block(
      "\(context.visibility)func writeJSON(_ writer: inout \(writer)) {"
    ) { printer in
      printer.print("writer.beginMessage()")
      // A oneof is written where its member with the lowest number would be.
      var written: Set<Int> = []
      for field in fields {
        switch field.storage {
        case .singular: print("singular", field, field.access, &printer)
        case .optional: print("optional", field, field.access, &printer)
        case .boxed: print("optional", field, field.boxName, &printer)
        case .array: print("repeated", field, field.access, &printer)
        case .dictionary: print("map", field, field.access, &printer)
        case .oneof(let index):
          guard written.insert(index).inserted else { continue }
          printer.print("switch \(access(ofOneof: index)) {")
          for member in fields {
            guard case .oneof(index) = member.storage else { continue }
            printer.print("case .\(member.name)(let value)?:")
            print("field", member, "value", &printer, indentation: "  ")
          }
          printer.print("case nil: break", "}")
        }
      }
      if isExtensible {
        printer.print("writer.extensions(unknownFields, of: Self.protoName)")
      }
      printer.print("writer.endMessage()")
    }
  }

  /// Prints a call, on more lines when it is long.
  private func print(
    _ function: String, _ field: Field, _ value: String, _ printer: inout CodePrinter,
    indentation: String = ""
  ) {
    let start = "\(indentation)writer.\(function)("
    let names = JSONName.arguments(field)
    let rest = "\(value), \(field.codec))"
    if start.count + names.count + rest.count <= 98 {
      printer.print("\(start)\(names), \(rest)")
    } else if names.count + rest.count <= 96 {
      printer.print(start, "\(indentation)  \(names), \(rest)")
    } else {
      printer.print(start, "\(indentation)  \(names),", "\(indentation)  \(rest)")
    }
  }
}
