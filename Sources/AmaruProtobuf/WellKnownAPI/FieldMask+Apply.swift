// SPDX-License-Identifier: Apache-2.0

// Masks applied to messages, with the semantics of the other implementations
// (`google/protobuf/field_mask.proto`, "Field Masks in Update Operations").

extension DynamicMessage {
  /// The message with the fields of a mask only.
  public func masked(
    by mask: Google_Protobuf_FieldMask
  ) throws(FieldMaskError) -> DynamicMessage {
    var result = DynamicMessage(descriptor)
    try result.merge(self, by: mask)
    return result
  }

  /// Takes the fields of a mask from another message of the same type.
  ///
  /// A scalar is replaced, or removed where the other message has none. A message is merged and a
  /// repeated field extended, unless they are replaced.
  public mutating func merge(
    _ source: DynamicMessage, by mask: Google_Protobuf_FieldMask,
    replacingMessages: Bool = false, replacingRepeated: Bool = false
  ) throws(FieldMaskError) {
    guard source.descriptor == descriptor else {
      throw .message(.wrongType(source.descriptor.fullName))
    }
    try mask.validate(for: descriptor)
    for path in mask.normalized.paths {
      let parts = try Google_Protobuf_FieldMask.parts(of: path)
      try merge(source, parts[...], replacingMessages, replacingRepeated)
    }
  }

  private mutating func merge(
    _ source: DynamicMessage, _ path: ArraySlice<Substring>, _ replacingMessages: Bool,
    _ replacingRepeated: Bool
  ) throws(FieldMaskError) {
    guard let name = path.first, let field = descriptor.field(named: String(name)) else { return }
    if path.count > 1, let type = field.messageType {
      var inner = self[field]?.message ?? DynamicMessage(type)
      let innerSource = source[field]?.message ?? DynamicMessage(type)
      let wasThere = self[field] != nil
      try inner.merge(innerSource, path.dropFirst(), replacingMessages, replacingRepeated)
      if wasThere || !inner.isEmpty { put(.message(inner), in: field) }
      return
    }
    let isReplaced =
      field.isRepeated
      ? replacingRepeated : field.messageType == nil || replacingMessages
    if isReplaced { values[field.number] = nil }
    switch source[field] {
    case .list(let elements)?: append(elements, to: field)
    case .map(let entries)?:
      for (key, value) in entries { put(value, key: key.value, in: field) }
    case .message(let message)?:
      guard case .message(var merged)? = self[field] else {
        return put(.message(message), in: field)
      }
      do {
        let bytes = message.encoded()
        var reader = Reader(bytes.span)
        try merged.merge(from: &reader)
      } catch {
        throw .message(.malformed(error))
      }
      put(.message(merged), in: field)
    case let value?: put(value, in: field)
    case nil: break
    }
  }
}

extension Message {
  /// The message with the fields of a mask only.
  public func masked(by mask: Google_Protobuf_FieldMask) throws(FieldMaskError) -> Self {
    try Self.generated(dynamic(self).masked(by: mask))
  }

  /// Takes the fields of a mask from another message, as dynamic messages do: a scalar is replaced,
  /// a message merged and a repeated field extended.
  public mutating func merge(
    _ source: Self, by mask: Google_Protobuf_FieldMask, replacingMessages: Bool = false,
    replacingRepeated: Bool = false
  ) throws(FieldMaskError) {
    var result = try dynamic(self)
    try result.merge(
      dynamic(source), by: mask, replacingMessages: replacingMessages,
      replacingRepeated: replacingRepeated)
    self = try Self.generated(result)
  }

  private func dynamic(_ message: Self) throws(FieldMaskError) -> DynamicMessage {
    do {
      return try DynamicMessage(message)
    } catch {
      throw .message(error)
    }
  }

  private static func generated(_ dynamic: DynamicMessage) throws(FieldMaskError) -> Self {
    do {
      return try Self(dynamic)
    } catch {
      throw .message(.malformed(error))
    }
  }
}
