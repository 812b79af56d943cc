// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// A oneof of a message: an optional enum with a case for each member.
struct Oneof {
  let path: [Int32]
  let protoName: String
  /// The name of the property.
  let name: String
  /// The name of the enum, nested in the message.
  let type: String
  let fields: [Field]

  /// The property where functions with parameters of their own refer to it.
  var access: String { Field.access(name) }

  /// - Parameter taken: Names of types that the message refers to or declares.
  init(
    _ descriptor: Google_Protobuf_OneofDescriptorProto, path: [Int32], fields: [Field],
    taken: Set<String>
  ) {
    self.path = path
    protoName = descriptor.name ?? ""
    name = Naming.property(protoName)
    let type = Naming.oneof(protoName)
    let isTaken = taken.contains(type) || RuntimeNames.all.contains(type)
    self.type = isTaken ? type + "Oneof" : type
    self.fields = fields
  }
}
