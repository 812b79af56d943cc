// SPDX-License-Identifier: Apache-2.0

// Numbers, strings, enums (protobuf.dev, "Text Format Language Specification", Values).
extension TextParser {
  /// Reads a value that is not a message.
  mutating func scalar(of field: FieldDescriptor) throws(TextFormatError) -> DynamicValue {
    _ = scanner.peek()
    let place = scanner.position
    switch field.type {
    case .scalar(let type):
      switch type {
      case .int32, .sint32, .sfixed32: return .int32(try signed(place))
      case .int64, .sint64, .sfixed64: return .int64(try signed(place))
      case .uint32, .fixed32: return .uint32(try unsigned(place))
      case .uint64, .fixed64: return .uint64(try unsigned(place))
      case .float: return .float(try float(place))
      case .double: return .double(try float(place))
      case .bool: return .bool(try bool(place))
      case .string: return .string(try text(place))
      case .bytes: return .bytes(try scanner.string())
      }
    case .enumeration(let type): return .enumeration(try enumeration(type, place))
    case .message: throw scanner.error("a message in braces is expected")
    }
  }

  private mutating func signed<Value: FixedWidthInteger & SignedInteger>(
    _ place: Int
  ) throws(TextFormatError) -> Value {
    let isNegative = scanner.take(UInt8(ascii: "-"))
    let magnitude: UInt64 = try unsigned(place)
    let value: Value? =
      if isNegative {
        // The smallest number has no positive counterpart.
        magnitude <= UInt64(Int64.max) + 1
          ? Value(exactly: 0 &- Int64(bitPattern: magnitude)) : nil
      } else {
        Value(exactly: magnitude)
      }
    guard let value else { throw scanner.error("a number is out of range", at: place) }
    return value
  }

  private mutating func unsigned<Value: FixedWidthInteger & UnsignedInteger>(
    _ place: Int
  ) throws(TextFormatError) -> Value {
    guard let number = try scanner.number(), number.form != .float else {
      throw scanner.error("an integer is expected", at: place)
    }
    let radix =
      switch number.form {
      case .hex: 16
      case .octal: 8
      case .decimal, .float: 10
      }
    guard let value = Value(number.digits, radix: radix) else {
      throw scanner.error("a number is out of range", at: place)
    }
    return value
  }

  private mutating func float<Value: BinaryFloatingPoint & LosslessStringConvertible>(
    _ place: Int
  ) throws(TextFormatError) -> Value {
    let isNegative = scanner.take(UInt8(ascii: "-"))
    var value: Value?
    if let name = scanner.identifier() {
      switch name.lowercased() {
      case "inf", "infinity": value = .infinity
      case "nan": value = .nan
      default: break
      }
    } else if let number = try scanner.number(), number.form == .decimal || number.form == .float {
      value = Value(number.digits)
    }
    guard let value else { throw scanner.error("a decimal number is expected", at: place) }
    return isNegative ? -value : value
  }

  private mutating func bool(_ place: Int) throws(TextFormatError) -> Bool {
    switch scanner.identifier() {
    case "true", "True", "t": return true
    case "false", "False", "f": return false
    case nil:
      let number: UInt64 = try unsigned(place)
      if number <= 1 { return number == 1 }
    default: break
    }
    throw scanner.error("true or false is expected", at: place)
  }

  private mutating func text(_ place: Int) throws(TextFormatError) -> String {
    guard let text = String(validating: try scanner.string(), as: UTF8.self) else {
      throw scanner.error("a string is not valid UTF-8", at: place)
    }
    return text
  }

  /// Reads the name of a value or its number. A closed enum must declare the number.
  private mutating func enumeration(
    _ type: EnumDescriptor, _ place: Int
  ) throws(TextFormatError) -> Int32 {
    if let name = scanner.identifier() {
      if let value = type.value(named: name) { return value.number }
      throw scanner.error("\(type.fullName) has no value \(name)", at: place)
    }
    let number: Int32 = try signed(place)
    if type.isClosed, type.value(number: number) == nil {
      throw scanner.error("\(type.fullName) has no value \(number)", at: place)
    }
    return number
  }
}
