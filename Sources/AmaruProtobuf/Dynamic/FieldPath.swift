// SPDX-License-Identifier: Apache-2.0

/// A field of a message, or of a message inside of it, by the names on the way: `book.author.name`.
///
/// Each name is the field's in the `.proto` file or in JSON. Only singular messages can be on the way.
public struct FieldPath: Sendable, Hashable {
  /// The fields on the way, the outermost first.
  public let fields: [FieldDescriptor]
  /// The field at the end.
  public let last: FieldDescriptor

  /// Finds a field of `message`.
  public init(
    _ path: String, in message: MessageDescriptor
  ) throws(FieldPathError) {
    var fields: [FieldDescriptor] = []
    var message = message
    var rest = Substring(path).utf8
    while true {
      let name = String(Substring(rest.prefix { $0 != UInt8(ascii: ".") }))
      guard let field = message.field(named: name) ?? message.field(jsonName: name) else {
        throw .noSuchField(name, message: message.fullName)
      }
      fields.append(field)
      rest = rest.dropFirst(name.utf8.count)
      guard rest.popFirst() != nil else {
        self.fields = fields
        last = field
        return
      }
      guard let next = field.messageType, !field.isRepeated else {
        throw .notAMessage(field.fullName)
      }
      guard fields.count < Reader.defaultDepthLimit else { throw .tooDeep }
      message = next
    }
  }

  /// Puts a value of the field at the end in front, inside of messages for the fields on the way.
  ///
  /// What several paths have written of one message is merged by whoever reads it. The value has to be one of the field's;
  /// an element, when the field is repeated.
  public func write(_ value: DynamicValue, to writer: inout BackWriter) {
    write(value, from: 0, to: &writer)
  }

  private func write(_ value: DynamicValue, from index: Int, to writer: inout BackWriter) {
    guard index < fields.count - 1 else { return writer.dynamic(value, last) }
    let field = fields[index]
    let number = UInt32(truncatingIfNeeded: field.number) << 3
    if field.isDelimited {
      writer.tag(number | WireType.endGroup.rawValue)
      write(value, from: index + 1, to: &writer)
      writer.tag(number | WireType.startGroup.rawValue)
    } else {
      let before = writer.count
      write(value, from: index + 1, to: &writer)
      writer.varint(UInt64(truncatingIfNeeded: writer.count - before))
      writer.tag(number | WireType.lengthDelimited.rawValue)
    }
  }
}
