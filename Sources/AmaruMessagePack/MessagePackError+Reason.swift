// SPDX-License-Identifier: Apache-2.0

extension MessagePackError {
  /// What can be wrong.
  public enum Reason: Sendable, Hashable {
    /// The bytes end before the value does; `needed` more than are left, at least.
    case truncated(needed: Int)
    /// Another type was asked for than is there.
    case typeMismatch(expected: String, found: MessagePackKind)
    /// The number does not fit into the type that was asked for, or not exactly.
    case outOfRange(value: String, type: String)
    /// The byte 0xc1, which begins no format.
    case reservedByte
    /// A string is not valid UTF-8.
    case invalidUTF8
    /// Arrays and maps are nested deeper than the limit.
    case depthLimitExceeded(limit: Int)
    /// A string, binary or extension has more bytes than the limit.
    case byteLimitExceeded(count: Int, limit: Int)
    /// An array has more elements, or a map more entries, than the limit.
    case countLimitExceeded(count: Int, limit: Int)
    /// A timestamp has a length of no form, or a billion nanoseconds or more.
    case invalidTimestamp
    /// A map has no entry with the key.
    case missingKey(String)
    /// So many bytes follow the value.
    case trailingBytes(Int)
    /// The type does not take the value, for a reason of its own; or the value cannot be written.
    case invalidValue(String)
  }

  /// One step from a value to a value inside of it.
  public enum PathElement: Sendable, Hashable {
    /// The value of a key in a map.
    case key(String)
    /// An element of an array, from zero.
    case index(Int)
  }
}

extension MessagePackError.Reason: CustomStringConvertible {
  /// One sentence fragment in English.
  public var description: String {
    switch self {
    case .truncated(let needed):
      "the input ends \(needed) byte\(needed == 1 ? "" : "s") before the value does"
    case .typeMismatch(let expected, let found): "expected \(expected), found \(found)"
    case .outOfRange(let value, let type): "\(value) does not fit into \(type)"
    case .reservedByte: "the byte 0xc1 begins no value"
    case .invalidUTF8: "the string is not valid UTF-8"
    case .depthLimitExceeded(let limit): "values are nested deeper than \(limit)"
    case .byteLimitExceeded(let count, let limit): "\(count) bytes are over the limit of \(limit)"
    case .countLimitExceeded(let count, let limit):
      "\(count) elements are over the limit of \(limit)"
    case .invalidTimestamp: "the timestamp is malformed"
    case .missingKey: "the key is missing"
    case .trailingBytes(let count): "\(count) byte\(count == 1 ? " follows" : "s follow") the value"
    case .invalidValue(let text): text
    }
  }
}
