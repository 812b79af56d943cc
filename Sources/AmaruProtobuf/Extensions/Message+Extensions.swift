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
  /// Replaces every field with a number by what `write` puts into a writer, and puts the fields in
  /// the order of their numbers: messages whose extensions are set to equal values are equal, in
  /// whichever order they were set.
  fileprivate mutating func replace(_ number: UInt32, _ write: (inout BackWriter) -> Void) {
    var writer = BackWriter()
    write(&writer)
    let added = writer.takeBytes()
    change { bytes in
      var fields = Self.fields(of: bytes)
      fields.removeAll { $0.number == number }
      fields.sort { ($0.number, $0.bytes.lowerBound) < ($1.number, $1.bytes.lowerBound) }
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count + added.count)
      let place = fields.firstIndex { $0.number > number } ?? fields.endIndex
      for field in fields[..<place] { result += bytes[field.bytes] }
      result += added
      for field in fields[place...] { result += bytes[field.bytes] }
      bytes = result
    }
  }

  /// The number of each field, and where it is in the bytes.
  private static func fields(of bytes: [UInt8]) -> [(number: UInt32, bytes: Range<Int>)] {
    var reader = Reader(bytes.span, depthLimit: .max)
    var fields: [(number: UInt32, bytes: Range<Int>)] = []
    var start = 0
    // The bytes were checked when they came, so that nothing is lost to an error.
    while let tag = try? reader.nextTag() {
      guard (try? reader.skip(tag)) != nil else { break }
      let end = bytes.count - reader.remaining
      fields.append((tag >> 3, start..<end))
      start = end
    }
    return fields
  }
}
