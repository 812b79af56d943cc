// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Prints an enum: a structure over its number with a static member for each value.
struct EnumGenerator {
  private let type: Google_Protobuf_EnumDescriptorProto
  private let protoName: String
  private let path: [Int32]
  private let context: FileContext

  init(
    _ type: Google_Protobuf_EnumDescriptorProto, protoName: String, _ path: [Int32],
    _ context: FileContext
  ) {
    self.type = type
    self.protoName = protoName
    self.path = path
    self.context = context
  }

  func print(_ printer: inout CodePrinter, name: String) throws(GenerationError) {
    let visibility = context.visibility
    let values = type.value.map { $0.name ?? "" }
    let cases = Naming.enumCases(values, of: type.name ?? "")
    try context.checkUnique(
      zip(cases, values).map { (swift: $0, proto: $1) }, in: protoName)
    context.document(path, &printer)
    try printer.block("\(visibility)struct \(name): \(context.runtime("ProtoEnum")) {") { printer in
      let number = context.standard("Int32")
      printer.print(
        "\(visibility)var rawValue: \(number)", "",
        "\(visibility)init(rawValue: \(number)) { self.rawValue = rawValue }", "",
        "\(visibility)static var protoName: \(context.standard("String")) { \"\(protoName)\" }", "")
      for (index, (swift, value)) in zip(cases, type.value).enumerated() {
        context.document(path + [2, Int32(truncatingIfNeeded: index)], &printer)
        printer.print(
          "\(visibility)static var \(swift): Self { Self(rawValue: \(value.number ?? 0)) }")
      }
    }
  }
}
