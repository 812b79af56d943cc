// SPDX-License-Identifier: Apache-2.0

/// Turns the bytes that a terminal sends into keys. A key may come in pieces.
///
/// Sequences are those of ECMA-48 5.4 and xterm. One that is not known is left out as a whole, and so are
/// bytes that are not UTF-8.
package struct KeyDecoder {
  private enum State {
    case ground
    case escape
    case sequence([UInt8])
    case singleShift
    case character([UInt8], missing: Int)
  }

  /// Longer sequences are not those of keys.
  private static let maxSequenceBytes = 16

  private var state = State.ground

  package init() {}

  /// The keys that end within `bytes`.
  package mutating func keys(_ bytes: some Sequence<UInt8>) -> [Key] {
    bytes.compactMap { key($0) }
  }

  private mutating func key(_ byte: UInt8) -> Key? {
    switch state {
    case .ground: return first(byte)
    case .escape:
      switch byte {
      case UInt8(ascii: "["): state = .sequence([])
      case UInt8(ascii: "O"): state = .singleShift
      case 0x1b: break
      default:
        state = .ground
        return byte == UInt8(ascii: "b") ? .wordLeft : byte == UInt8(ascii: "f") ? .wordRight : nil
      }
      return nil
    case .singleShift:
      state = .ground
      return Self.named([], final: byte)
    case .sequence(let parameters):
      if (0x40...0x7e).contains(byte) {
        state = .ground
        return Self.named(parameters, final: byte)
      }
      guard byte != 0x1b else {
        state = .escape
        return nil
      }
      let isTooLong = parameters.count == Self.maxSequenceBytes
      state = isTooLong || byte < 0x20 ? .ground : .sequence(parameters + [byte])
      return nil
    case .character(let begun, let missing):
      guard byte & 0xc0 == 0x80 else { return first(byte) }
      let bytes = begun + [byte]
      guard missing == 1 else {
        state = .character(bytes, missing: missing - 1)
        return nil
      }
      state = .ground
      return String(validating: bytes, as: UTF8.self)?.unicodeScalars.first.flatMap(Self.printing)
    }
  }

  private mutating func first(_ byte: UInt8) -> Key? {
    state = .ground
    switch byte {
    case 0x1b: state = .escape
    case 0x0d, 0x0a: return .enter
    case 0x09: return .tab
    case 0x7f, 0x08: return .backspace
    case 0x01...0x1a: return .control(Character(Unicode.Scalar(byte + 0x60)))
    case 0x20...0x7e: return .scalar(Unicode.Scalar(byte))
    case 0xc2...0xdf: state = .character([byte], missing: 1)
    case 0xe0...0xef: state = .character([byte], missing: 2)
    case 0xf0...0xf4: state = .character([byte], missing: 3)
    default: break
    }
    return nil
  }

  private static func printing(_ scalar: Unicode.Scalar) -> Key? {
    scalar.properties.generalCategory == .control ? nil : .scalar(scalar)
  }

  private static func named(_ parameters: [UInt8], final: UInt8) -> Key? {
    let isWithControl = parameters == Array("1;5".utf8) || parameters == Array("1;3".utf8)
    switch final {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return isWithControl ? .wordRight : .right
    case UInt8(ascii: "D"): return isWithControl ? .wordLeft : .left
    case UInt8(ascii: "H"): return .home
    case UInt8(ascii: "F"): return .end
    case UInt8(ascii: "~"):
      switch String(decoding: parameters, as: UTF8.self) {
      case "1", "7": return .home
      case "4", "8": return .end
      case "3": return .delete
      default: return nil
      }
    default: return nil
    }
  }
}
