// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// A oneof of a message: an optional enum with a case for each member.
struct Oneof {
  let path: [Int32]
  /// The index of the declaration in its message.
  let index: Int
  /// The name of the property.
  let name: String
  /// The name of the enum, nested in the message.
  let type: String
  let fields: [Field]

  /// The property where functions with parameters of their own refer to it.
  var access: String { Field.access(name) }

  /// - Parameter taken: Names of types that the message refers to or declares.
  init(
    _ descriptor: Google_Protobuf_OneofDescriptorProto, index: Int, name: String, path: [Int32],
    fields: [Field], taken: inout UniqueNames
  ) {
    self.path = path
    self.index = index
    self.name = name
    let type = Naming.oneof(descriptor.name ?? "")
    self.type = taken.contains(type) ? taken.take(type + "Oneof") : taken.take(type)
    self.fields = fields
  }
}
