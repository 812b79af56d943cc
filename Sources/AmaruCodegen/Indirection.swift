// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// Which singular message fields are stored behind a reference, and not inside of their message.
///
/// Those that make a message contain itself must be. Those of a large message are, because a struct
/// in a struct in a struct grows with the depth of the schema, and with it every move of it and the
/// compiler's time: 100 messages of 12 fields, each in the next, took it over 24 GB of memory.
struct Indirection {
  /// The largest size of a message that is stored inside of another one, in words of 8 bytes.
  static let largestInline = 64

  private var cycles = MessageCycles()
  private var size: [String: Int] = [:]

  init() {}

  init(_ entries: [String: TypeTable.Entry]) {
    cycles = MessageCycles(entries)
    for name in cycles.order {
      var total = 1  // the unknown fields
      var oneofs: [Int32: Int] = [:]
      for field in entries[name]?.message?.field ?? [] {
        let words = words(of: field, in: name)
        if let index = field.oneofIndex, field.proto3Optional != true {
          oneofs[index] = max(oneofs[index, default: 0], words)
        } else {
          total += words
        }
      }
      size[name] = oneofs.values.reduce(total, +)
    }
  }

  /// Whether a singular field of type `field` in the message `message` is behind a reference.
  func isNeeded(from message: String, to field: String) -> Bool {
    cycles.connects(message, to: field) || size[field, default: 1] > Self.largestInline
  }

  /// About how much of its message a field takes: a string two words, anything else one.
  private func words(of field: Google_Protobuf_FieldDescriptorProto, in message: String) -> Int {
    if field.label == .repeated { return 1 }
    switch field.type {
    case .string: return 2
    case .message, .group:
      let type = field.typeName ?? ""
      return isNeeded(from: message, to: type) ? 1 : size[type, default: 1]
    default: return 1
    }
  }
}
