// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// The Swift names of a message's fields and oneofs, each of them once in the message.
///
/// Names that proto tells apart may be one in Swift: `_x` and `x_`, or the field `x` and the oneof
/// `X`. The field with the lowest number has the name; the others get their numbers (`x_2`), and a
/// oneof gets `x_oneof`.
struct MemberNames {
  /// By the index of the declaration.
  private(set) var fields: [Int: String] = [:]
  /// By the index of the declaration; oneofs without members are left out.
  private(set) var oneofs: [Int: String] = [:]

  /// - Parameter taken: The names of the types that the message declares.
  init(_ message: Google_Protobuf_DescriptorProto, taken: Set<String>) {
    var names = UniqueNames(taken)
    let ordered = message.field.enumerated().sorted {
      ($0.element.number ?? 0, $0.offset) < ($1.element.number ?? 0, $1.offset)
    }
    for (index, field) in ordered {
      fields[index] = names.take(
        Naming.property(field.name ?? ""), ending: String(field.number ?? 0))
    }
    let used = Set(
      message.field.compactMap { $0.proto3Optional == true ? nil : $0.oneofIndex.map(Int.init) })
    for (index, oneof) in message.oneofDecl.enumerated() where used.contains(index) {
      oneofs[index] = names.take(Naming.property(oneof.name ?? ""), ending: "oneof")
    }
  }
}
