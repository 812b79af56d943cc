// SPDX-License-Identifier: Apache-2.0

// The binary format, read by descriptor with the rules of generated code.
extension DynamicMessage {
  /// Decodes a message. Nested messages may be ``Reader/defaultDepthLimit`` deep.
  ///
  /// - Parameter allowsMissingFields: Take a message whose required fields are not all there.
  public init(
    _ descriptor: MessageDescriptor, decoding bytes: [UInt8], allowsMissingFields: Bool = false
  ) throws(DecodingError) {
    self.init(descriptor)
    var reader = Reader(bytes.span)
    try readWhole(&reader, allowsMissingFields)
  }

  /// Decodes a message. Nested messages may be ``Reader/defaultDepthLimit`` deep.
  ///
  /// - Parameter allowsMissingFields: Take a message whose required fields are not all there.
  public init(
    _ descriptor: MessageDescriptor, decoding bytes: RawSpan, allowsMissingFields: Bool = false
  ) throws(DecodingError) {
    self.init(descriptor)
    var reader = Reader(bytes)
    try readWhole(&reader, allowsMissingFields)
  }

  private mutating func readWhole(
    _ reader: inout Reader, _ allowsMissingFields: Bool
  ) throws(DecodingError) {
    try merge(from: &reader)
    if !allowsMissingFields, let path = missingRequiredField {
      throw .missingRequiredField(path)
    }
  }

  /// Reads fields until the reader's end, on top of the fields that are set already: singular
  /// fields are replaced, messages merged, repeated fields and maps extended.
  public mutating func merge(from reader: inout Reader) throws(DecodingError) {
    try merge(from: &reader, groupEnd: 0)
  }

  /// Reads fields until the reader's end or, in a group, its end tag.
  private mutating func merge(
    from reader: inout Reader, groupEnd: UInt32
  ) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      if tag & 7 == WireType.endGroup.rawValue {
        guard tag == groupEnd, tag != 0 else { throw .unbalancedGroup }
        return
      }
      guard let field = field(number: Int32(truncatingIfNeeded: tag >> 3)) else {
        if descriptor.isMessageSet, tag == 1 << 3 | WireType.startGroup.rawValue {
          try readItem(&reader, tag)
        } else {
          try reader.unknown(tag, into: &unknownFields)
        }
        continue
      }
      try read(field, tag, &reader)
    }
    guard groupEnd == 0 else { throw .unbalancedGroup }
  }

  private mutating func read(
    _ field: FieldDescriptor, _ tag: UInt32, _ reader: inout Reader
  ) throws(DecodingError) {
    let wireType = tag & 7
    if wireType != field.elementWireType.rawValue {
      guard field.isRepeated, field.isPackable,
        wireType == WireType.lengthDelimited.rawValue
      else { return try reader.unknown(tag, into: &unknownFields) }
      return try readPacked(field, tag, &reader)
    }
    if field.isMap { return try readEntry(field, tag, &reader) }
    if field.isRepeated {
      guard let value = try element(of: field, tag, nil, &reader) else { return }
      append([value], to: field)
    } else {
      let old: DynamicMessage? =
        if case .message(let message)? = values[field.number] { message } else { nil }
      // Taken out, so that a long message is changed in place.
      if old != nil { values[field.number] = nil }
      guard let value = try element(of: field, tag, old, &reader) else { return }
      put(value, in: field)
    }
  }

  private mutating func readPacked(
    _ field: FieldDescriptor, _ tag: UInt32, _ reader: inout Reader
  ) throws(DecodingError) {
    let elementTag = tag & ~7 | field.elementWireType.rawValue
    let outside = try reader.enter()
    var elements: [DynamicValue] = []
    while reader.remaining > 0 {
      if let value = try element(of: field, elementTag, nil, &reader) { elements.append(value) }
    }
    reader.leave(outside)
    append(elements, to: field)
  }

  /// Reads a value; nil when it is a number that a closed enum does not declare, which is kept.
  ///
  /// - Parameter old: The message that another one is merged with.
  private mutating func element(
    of field: FieldDescriptor, _ tag: UInt32, _ old: DynamicMessage?, _ reader: inout Reader
  ) throws(DecodingError) -> DynamicValue? {
    switch field.record.type {
    case .scalar(let type): return try reader.scalar(type)
    case .enumeration(let index):
      let number = try reader.int32()
      let record = field.pool.enumRecords[index]
      if record.isClosed, record.byNumber[number] == nil {
        unknownFields.change { bytes in
          UnknownFields.append(varint: UInt64(tag), to: &bytes)
          UnknownFields.append(varint: UInt64(bitPattern: Int64(number)), to: &bytes)
        }
        return nil
      }
      return .enumeration(number)
    case .message(let index):
      var message =
        old ?? DynamicMessage(MessageDescriptor(pool: field.pool, index: index))
      if field.isDelimited {
        guard reader.depthLeft > 0 else { throw .depthLimitExceeded }
        reader.depthLeft -= 1
        // The end has the wire type after the start's.
        try message.merge(from: &reader, groupEnd: tag &+ 1)
        reader.depthLeft += 1
      } else {
        try message.readPrefixed(&reader)
      }
      return .message(message)
    }
  }

  /// Reads a message behind its length.
  private mutating func readPrefixed(_ reader: inout Reader) throws(DecodingError) {
    let outside = try reader.enter()
    guard reader.depthLeft > 0 else { throw .depthLimitExceeded }
    reader.depthLeft -= 1
    try merge(from: &reader, groupEnd: 0)
    reader.depthLeft += 1
    reader.leave(outside)
  }

  /// Reads an entry of a map. One whose value is a number that its closed enum does not declare is
  /// kept as a whole among the unknown fields.
  private mutating func readEntry(
    _ field: FieldDescriptor, _ tag: UInt32, _ reader: inout Reader
  ) throws(DecodingError) {
    guard let keyField = field.mapKey, let valueField = field.mapValue else {
      return try reader.unknown(tag, into: &unknownFields)
    }
    let before = reader.remaining
    let outside = try reader.enter()
    var key = keyField.elementDefault
    var value = valueField.elementDefault
    let keyTag = 1 << 3 | keyField.elementWireType.rawValue
    let valueTag = 2 << 3 | valueField.elementWireType.rawValue
    var isDeclared = true
    // Takes the numbers that are not declared.
    var scratch = DynamicMessage(descriptor)
    while let tag = try reader.nextTag() {
      if tag == keyTag {
        if let read = try scratch.element(of: keyField, tag, nil, &reader) { key = read }
      } else if tag == valueTag {
        let read = try scratch.element(of: valueField, tag, value.message, &reader)
        isDeclared = read != nil
        if let read { value = read }
      } else {
        try reader.skip(tag)
      }
    }
    reader.leave(outside)
    guard isDeclared else { return reader.keep(tag, since: before, in: &unknownFields) }
    put(value, key: key, in: field)
  }

  /// Reads an item of a message set: a known extension, or a field that is kept.
  private mutating func readItem(
    _ reader: inout Reader, _ tag: UInt32
  ) throws(DecodingError) {
    var item = UnknownFields()
    try reader.messageSet(tag, into: &item)
    let bytes = item.bytes
    var inner = Reader(bytes.span, depthLimit: reader.depthLeft)
    while let tag = try inner.nextTag() {
      if let field = field(number: Int32(truncatingIfNeeded: tag >> 3)) {
        try read(field, tag, &inner)
      } else {
        try inner.unknown(tag, into: &unknownFields)
      }
    }
  }
}

extension FieldDescriptor {
  /// The wire type of a value that is not packed.
  var elementWireType: WireType {
    switch record.type {
    case .scalar(let type): type.wireType
    case .enumeration: .varint
    case .message: record.isDelimited ? .startGroup : .lengthDelimited
    }
  }

  /// Whether a repeated field's values can stand behind one tag.
  var isPackable: Bool {
    switch elementWireType {
    case .varint, .fixed32, .fixed64: true
    default: false
    }
  }
}

extension Reader {
  fileprivate mutating func scalar(_ type: ScalarType) throws(DecodingError) -> DynamicValue {
    switch type {
    case .double: .double(try double())
    case .float: .float(try float())
    case .int32: .int32(try int32())
    case .int64: .int64(try int64())
    case .uint32: .uint32(try uint32())
    case .uint64: .uint64(try uint64())
    case .sint32: .int32(try sint32())
    case .sint64: .int64(try sint64())
    case .fixed32: .uint32(try fixed32())
    case .fixed64: .uint64(try fixed64())
    case .sfixed32: .int32(try sfixed32())
    case .sfixed64: .int64(try sfixed64())
    case .bool: .bool(try bool())
    case .string: .string(try string())
    case .bytes: .bytes(try bytes())
    }
  }
}
