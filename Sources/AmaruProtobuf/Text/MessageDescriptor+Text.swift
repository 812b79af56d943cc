// SPDX-License-Identifier: Apache-2.0

// The names that fields have in text format.
extension MessageDescriptor {
  /// The field with a name; a group has the name of its message, and its own is taken too.
  func field(inText name: String) -> FieldDescriptor? {
    if let field = field(named: name) { return field }
    let group = field(named: name.lowercased())
    return group.flatMap { $0.isGroupLike && $0.messageType?.name == name ? $0 : nil }
  }

  /// The extension with a full name; in a message set also that of the message that declares it.
  func extensionField(inBrackets name: String) -> FieldDescriptor? {
    if let field = pool.extensionField(named: name) {
      return field.containingType == self ? field : nil
    }
    guard isMessageSet, let type = pool.message(named: name) else { return nil }
    return type.extensions.first { $0.containingType == self && $0.messageType == type }
  }

  /// The fields `type_url` and `value`, when this is `google.protobuf.Any`.
  var anyFields: (url: FieldDescriptor, value: FieldDescriptor)? {
    guard fullName == "google.protobuf.Any",
      let url = field(number: 1), url.type == .scalar(.string), !url.isRepeated,
      let value = field(number: 2), value.type == .scalar(.bytes), !value.isRepeated
    else { return nil }
    return (url, value)
  }
}

extension FieldDescriptor {
  /// The name in text format.
  var textName: String {
    guard let type = messageType else { return isExtension ? "[\(fullName)]" : name }
    if isExtension {
      let isShort = containingType.extensionField(inBrackets: type.fullName) == self
      return "[\(isShort ? type.fullName : fullName)]"
    }
    return isGroupLike ? type.name : name
  }
}
