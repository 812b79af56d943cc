// SPDX-License-Identifier: Apache-2.0

// What generated code calls in messages that have extensions: their keys are `[full.name]`, and
// their values go through the descriptors of the pool, because they are kept in wire format.

extension JSONReader {
  /// Reads the value of a key that is no field: an extension, when the pool knows one of this
  /// name. Otherwise as ``unknownField(of:)`` does.
  @inline(never)
  public mutating func extensionField(
    of message: String, _ fields: inout JSONFields, into unknownFields: inout UnknownFields
  ) throws(JSONDecodingError) {
    let value = mark
    let isNull = isNullNext
    go(to: unknownKey)
    let key = try string()
    guard key.hasPrefix("["), key.hasSuffix("]"),
      let field = pool?.extensionField(named: String(key.dropFirst().dropLast())),
      field.containingType.fullName == message
    else {
      go(to: value)
      return try unknownField(of: message)
    }
    guard fields.insertExtension(field.number) else {
      throw error(.duplicateKey(JSONPlace.excerpt(key.utf8.span)), at: unknownKey)
    }
    go(to: value)
    isNullNext = isNull
    var holder = DynamicMessage(field.containingType)
    try holder.read(field, &self)
    // As fields of their own also where the message is a set of them.
    let bytes = BackWriter.withScratch { writer in
      for (field, value) in holder.fields { writer.dynamic(value, field) }
      return writer.takeBytes()
    }
    unknownFields.change { $0 += bytes }
  }
}

extension JSONWriter {
  /// Writes the extensions that the pool knows among the unknown fields of a message.
  @inline(never)
  public mutating func extensions(_ unknownFields: UnknownFields, of message: String) {
    if unknownFields.isEmpty { return }
    guard let descriptor = pool?.message(named: message) else { return }
    var holder = DynamicMessage(descriptor)
    let bytes = unknownFields.bytes
    var reader = Reader(bytes.span, depthLimit: max(depthLeft, 0))
    do {
      try holder.merge(from: &reader)
    } catch {
      return fail(.malformedExtension(message))
    }
    holder.writeExtensions(&self)
  }
}
