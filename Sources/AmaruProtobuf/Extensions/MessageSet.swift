// SPDX-License-Identifier: Apache-2.0

// A message with the option `message_set_wire_format` has extensions only, each a message, and
// its own form on the wire: `repeated group Item = 1 { int32 type_id = 2; bytes message = 3; }`.
// Among the unknown fields an item is kept as any other extension is: with the type as the field
// number.

extension Reader {
  /// Reads a field of a message set: an item, or what any message may hold.
  public mutating func messageSet(
    _ tag: UInt32, into fields: inout UnknownFields
  ) throws(DecodingError) {
    guard tag == Self.itemStart else { return try unknown(tag, into: &fields) }
    guard depthLeft > 0 else { throw .depthLimitExceeded }
    depthLeft -= 1
    var type: UInt32 = 0
    var message: [UInt8]?
    while let tag = try nextTag() {
      switch tag {
      case Self.itemEnd:
        depthLeft += 1
        // An item without a type or with a number that no field may have is passed over.
        guard let message, (1...536_870_911).contains(type) else { return }
        fields.change { bytes in
          let tag = UInt64(type) << 3 | UInt64(WireType.lengthDelimited.rawValue)
          UnknownFields.append(varint: tag, to: &bytes)
          UnknownFields.append(varint: UInt64(message.count), to: &bytes)
          bytes += message
        }
        return
      case Self.itemType: type = try uint32()
      case Self.itemMessage:
        // Parts of the same message follow each other; their bytes joined are the merged message.
        message = message ?? []
        message?.append(contentsOf: try bytes())
      default: try skip(tag)
      }
    }
    throw .unbalancedGroup
  }

  fileprivate static var itemStart: UInt32 { 1 << 3 | 3 }
  fileprivate static var itemEnd: UInt32 { 1 << 3 | 4 }
  fileprivate static var itemType: UInt32 { 2 << 3 }
  fileprivate static var itemMessage: UInt32 { 3 << 3 | 2 }
}

extension BackWriter {
  /// Puts the items of a message set in front, and other fields as they are.
  public mutating func messageSet(_ fields: UnknownFields) {
    let bytes = fields.bytes
    var reader = Reader(bytes.span)
    var pieces: [(type: UInt32, bytes: [UInt8])] = []
    var start = reader.remaining
    // The bytes were checked when they came, so that nothing is lost to an error.
    while let tag = try? reader.nextTag() {
      if tag & 7 == WireType.lengthDelimited.rawValue {
        guard let message = try? reader.bytes() else { break }
        pieces.append((tag >> 3, message))
      } else {
        guard (try? reader.skip(tag)) != nil else { break }
        var raw: [UInt8] = []
        reader.append(since: start, to: &raw)
        pieces.append((0, raw))
      }
      start = reader.remaining
    }
    for (type, bytes) in pieces.reversed() {
      if type == 0 {
        prepend(contentsOf: bytes)
      } else {
        tag(Reader.itemEnd)
        field(Reader.itemMessage, bytes, BytesCodec.self)
        field(Reader.itemType, type, UInt32Codec.self)
        tag(Reader.itemStart)
      }
    }
  }
}
