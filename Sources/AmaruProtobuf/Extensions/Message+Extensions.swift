// SPDX-License-Identifier: Apache-2.0

extension Message {
  /// The value of an extension; nil when it is not set, or when its bytes are not one (see
  /// ``value(of:)``). Setting nil removes it.
  public subscript<Codec: FieldCodec>(_ key: Extension<Self, Codec>) -> Codec.Value? {
    get { (try? value(of: key)) ?? nil }
    set {
      unknownFields.replace(key.number) { writer in
        writer.optional(key.number << 3 | Codec.wireType.rawValue, newValue, Codec.self)
      }
    }
  }

  /// The elements of a repeated extension; empty when there are none, or when their bytes are not
  /// such (see ``values(of:)``). Setting none removes it.
  public subscript<Codec: FieldCodec>(_ key: RepeatedExtension<Self, Codec>) -> [Codec.Value] {
    get { (try? values(of: key)) ?? [] }
    set {
      unknownFields.replace(key.number) { writer in
        if key.isPacked {
          let tag = key.number << 3 | WireType.lengthDelimited.rawValue
          writer.packed(tag, newValue, Codec.self)
        } else {
          writer.repeated(key.number << 3 | Codec.wireType.rawValue, newValue, Codec.self)
        }
      }
    }
  }

  /// Reads an extension; nil when it is not set. Messages that came in parts are merged.
  public func value<Codec: FieldCodec>(
    of key: Extension<Self, Codec>
  ) throws(DecodingError) -> Codec.Value? {
    let bytes = unknownFields.bytes
    var reader = Reader(bytes.span)
    var value: Codec.Value?
    while let tag = try reader.nextTag() {
      if tag == key.number << 3 | Codec.wireType.rawValue {
        var merged = value ?? Codec.zero
        try Codec.merge(&merged, from: &reader, tag)
        value = merged
      } else {
        try reader.skip(tag)
      }
    }
    return value
  }

  /// Reads the elements of a repeated extension, packed or not.
  public func values<Codec: FieldCodec>(
    of key: RepeatedExtension<Self, Codec>
  ) throws(DecodingError) -> [Codec.Value] {
    let bytes = unknownFields.bytes
    var reader = Reader(bytes.span)
    var values: [Codec.Value] = []
    while let tag = try reader.nextTag() {
      if tag == key.number << 3 | Codec.wireType.rawValue {
        values.append(try Codec.read(&reader, tag))
      } else if tag == key.number << 3 | WireType.lengthDelimited.rawValue {
        try reader.packed(&values, Codec.self)
      } else {
        try reader.skip(tag)
      }
    }
    return values
  }
}

extension UnknownFields {
  /// Replaces every field with a number by what `write` puts into a writer.
  fileprivate mutating func replace(_ number: UInt32, _ write: (inout BackWriter) -> Void) {
    var writer = BackWriter()
    write(&writer)
    let added = writer.takeBytes()
    change { bytes in
      bytes = Self.removing(number, from: bytes)
      bytes += added
    }
  }

  private static func removing(_ number: UInt32, from bytes: [UInt8]) -> [UInt8] {
    var reader = Reader(bytes.span)
    var kept: [UInt8] = []
    var fieldStart = reader.remaining
    // The bytes were checked when they came, so that nothing is lost to an error.
    while let tag = try? reader.nextTag() {
      guard (try? reader.skip(tag)) != nil else { break }
      if tag >> 3 != number { reader.append(since: fieldStart, to: &kept) }
      fieldStart = reader.remaining
    }
    return kept
  }
}
