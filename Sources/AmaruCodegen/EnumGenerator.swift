// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Prints an enum: a structure over its number with a static member for each value.
struct EnumGenerator {
  private let type: Google_Protobuf_EnumDescriptorProto
  private let protoName: String
  private let path: [Int32]
  private let isClosed: Bool
  private let context: FileContext

  init(
    _ type: Google_Protobuf_EnumDescriptorProto, protoName: String, _ path: [Int32],
    _ features: Features, _ context: FileContext
  ) {
    self.type = type
    self.protoName = protoName
    self.path = path
    isClosed = features.applying(type.options?.features).isEnumClosed
    self.context = context
  }

  func print(_ printer: inout CodePrinter, name: String) throws(GenerationError) {
    let visibility = context.visibility
    let members = members()
    context.document(path, &printer)
    let conformance = context.runtime(isClosed ? "ClosedProtoEnum" : "ProtoEnum")
    try printer.block("\(visibility)struct \(name): \(conformance) {") { printer in
      let number = context.standard("Int32")
      printer.print(
        "\(visibility)var rawValue: \(number)", "",
        "\(visibility)init(rawValue: \(number)) { self.rawValue = rawValue }", "",
        "\(visibility)static var protoName: \(context.standard("String")) { \"\(protoName)\" }")
      printer.print(
        names: type.value.map { "\(JSONName.tableEntry($0.name ?? ""))=\($0.number ?? 0);" },
        "\(visibility)static let valueNames = \(context.runtime("EnumNames"))")
      printer.print("")
      if let first = type.value.first?.number, first != 0 {
        printer.print("\(visibility)init() { rawValue = \(first) }", "")
      }
      if isClosed { printDeclares(&printer) }
      for member in members {
        context.document(path + [2, Int32(truncatingIfNeeded: member.index)], &printer)
        let number = type.value[member.index].number ?? 0
        printer.print(
          "\(visibility)static var \(member.name): Self { Self(rawValue: \(number)) }")
      }
    }
  }

  private func printDeclares(_ printer: inout CodePrinter) {
    let types = "(_ number: \(context.standard("Int32"))) -> \(context.standard("Bool"))"
    printer.print("\(context.visibility)static func declares\(types) {", "  switch number {")
    // Runs of numbers as ranges, a line each.
    var rest = Set(type.value.map { $0.number ?? 0 }).sorted()[...]
    while let first = rest.popFirst() {
      var last = first
      while let next = rest.first, next == last + 1 { last = rest.removeFirst() }
      printer.print("  case \(first == last ? "\(first)" : "\(first)...\(last)"): true")
    }
    printer.print("  default: false", "  }", "}", "")
  }

  /// The values with their Swift names. Aliases of one number may become the same name (`MOO` and
  /// `moo`), which is then declared once.
  private func members() -> [(name: String, index: Int)] {
    let names = Naming.enumCases(
      type.value.map { ($0.name ?? "", $0.number ?? 0) }, of: type.name ?? "")
    var numbers: [String: Int32] = [:]
    var members: [(name: String, index: Int)] = []
    for (index, (name, value)) in zip(names, type.value).enumerated() {
      let number = value.number ?? 0
      if numbers[name] == number { continue }
      numbers[name] = number
      members.append((name, index))
    }
    return members
  }
}
