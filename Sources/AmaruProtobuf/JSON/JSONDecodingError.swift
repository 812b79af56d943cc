// SPDX-License-Identifier: Apache-2.0

/// Says why a text is not the JSON form of a message, and where.
///
/// Nothing can be kept of a message whose decoding failed: its fields hold whatever was read
/// before the error.
public struct JSONDecodingError: Error {
  /// What is wrong.
  public enum Kind: Sendable, Hashable {
    /// The text ends inside a value.
    case unexpectedEnd
    /// Something else stands here in place of what is named, such as "a string".
    case expected(String)
    /// A string or a key is not valid UTF-8.
    case invalidUTF8
    /// A control character in a string, which must be written as an escape (RFC 8259 7).
    case controlCharacter
    /// A backslash that begins no escape, or half of a surrogate pair.
    case invalidEscape
    /// A number that the field's type cannot hold.
    case numberOutOfRange
    /// An integer field has a number with a fraction.
    case notAnInteger
    /// A `bytes` field whose text is not base64.
    case invalidBase64
    /// A key that is no field of the message with this full name.
    case unknownField(String, message: String)
    /// A key that came already, or another name of the same field.
    case duplicateKey(String)
    /// A second member of a oneof.
    case secondMemberOfOneof
    /// A name that is no value of the enum with this full name.
    case unknownEnumValue(String, enumeration: String)
    /// Null in a list or a map, whose values cannot be null.
    case unexpectedNull
    /// A text that is not the form of the well-known type with this full name.
    case invalidForm(String)
    /// An `Any` without `@type`, or whose type is not in the pool.
    case unresolvedType(String)
    /// A required field is not there.
    case missingRequiredField(String)
    /// Objects and lists are nested deeper than ``JSONDecodingOptions/depthLimit``.
    case depthLimitExceeded
    /// Something follows the message.
    case trailingBytes
  }

  // One word, so that typed throws return it in a register.
  private final class Storage: Sendable {
    let kind: Kind
    let line: Int
    let column: Int
    let path: String

    init(_ kind: Kind, line: Int, column: Int, path: String) {
      self.kind = kind
      self.line = line
      self.column = column
      self.path = path
    }
  }

  private let storage: Storage

  init(_ kind: Kind, line: Int, column: Int, path: String) {
    storage = Storage(kind, line: line, column: column, path: path)
  }

  /// The same error for a text whose first line begins `count` bytes later, and that stands behind `lines` others.
  package func moved(back count: Int, behind lines: Int = 0) -> JSONDecodingError {
    let column = line == 1 ? max(1, column - count) : column
    return JSONDecodingError(kind, line: line + lines, column: column, path: path)
  }

  /// What is wrong.
  public var kind: Kind { storage.kind }

  /// The line where it was noticed; the first is 1.
  public var line: Int { storage.line }

  /// The place in the line, in bytes; the first is 1.
  public var column: Int { storage.column }

  /// The value where it was noticed, as its keys and indices from the outside:
  /// `items[3].price`. Empty for the message itself.
  public var path: String { storage.path }
}

extension JSONDecodingError: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.kind == right.kind && left.line == right.line && left.column == right.column
      && left.path == right.path
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(line)
    hasher.combine(column)
    hasher.combine(path)
  }
}

extension JSONDecodingError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    let place = path.isEmpty ? "" : ", at \(path)"
    return "JSON line \(line), column \(column)\(place): \(kind)"
  }
}

extension JSONDecodingError.Kind: CustomStringConvertible {
  /// One sentence fragment in English.
  public var description: String {
    switch self {
    case .unexpectedEnd: "the text ends too early"
    case .expected(let what): "expected \(what)"
    case .invalidUTF8: "the text is not valid UTF-8"
    case .controlCharacter: "a control character must be escaped"
    case .invalidEscape: "the escape is invalid"
    case .numberOutOfRange: "the number is out of range"
    case .notAnInteger: "the number is not an integer"
    case .invalidBase64: "the text is not base64"
    case .unknownField(let name, let message): "\(message) has no field \"\(name)\""
    case .duplicateKey(let key): "the key \"\(key)\" came already"
    case .secondMemberOfOneof: "another field of the same oneof came already"
    case .unknownEnumValue(let name, let type): "\(type) has no value \"\(name)\""
    case .unexpectedNull: "null is not allowed here"
    case .invalidForm(let type): "the text is not a valid \(type)"
    case .unresolvedType(let url): "the type \"\(url)\" is not known"
    case .missingRequiredField(let name): "the required field \(name) is missing"
    case .depthLimitExceeded: "the text is nested too deeply"
    case .trailingBytes: "the text goes on after the message"
    }
  }
}
