// SPDX-License-Identifier: Apache-2.0

/// The family of formats that a value has (MessagePack specification, "Type system").
public enum MessagePackKind: Sendable, Hashable {
  /// No value.
  case null
  /// True or false.
  case boolean
  /// A whole number of any width, signed or not.
  case integer
  /// A floating-point number of 32 or 64 bits.
  case float
  /// A text.
  case string
  /// Bytes.
  case binary
  /// Values in a row.
  case array
  /// Pairs of keys and values.
  case map
  /// Bytes with an application's type number, or a timestamp.
  case `extension`

  /// The family of the format with this first byte, or nil for 0xc1, which is never used.
  init?(firstByte: UInt8) {
    switch firstByte {
    case 0x00...0x7f, 0xcc...0xd3, 0xe0...0xff: self = .integer
    case 0x80...0x8f, 0xde, 0xdf: self = .map
    case 0x90...0x9f, 0xdc, 0xdd: self = .array
    case 0xa0...0xbf, 0xd9...0xdb: self = .string
    case 0xc0: self = .null
    case 0xc2, 0xc3: self = .boolean
    case 0xc4...0xc6: self = .binary
    case 0xc7...0xc9, 0xd4...0xd8: self = .extension
    case 0xca, 0xcb: self = .float
    default: return nil
    }
  }
}

extension MessagePackKind: CustomStringConvertible {
  /// The family's name with its article, as error messages have it.
  public var description: String {
    switch self {
    case .null: "nil"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .float: "a float"
    case .string: "a string"
    case .binary: "binary"
    case .array: "an array"
    case .map: "a map"
    case .extension: "an extension"
    }
  }
}
