// SPDX-License-Identifier: Apache-2.0

/// Says why a message has no JSON form.
///
/// Most messages have one: only some well-known types hold values that JSON cannot say.
public enum JSONEncodingError: Error, Hashable {
  /// A well-known type, by its full name, holds a value outside of what its JSON form can say: a
  /// time before year 1 or after 9999, a `Value` without a kind or that is not finite, a path of
  /// a `FieldMask` that does not survive the way to camel case and back.
  case invalidValue(String)
  /// An `Any` whose type URL has no type in the pool.
  case unresolvedType(String)
  /// The bytes in an `Any` are not a message of its type.
  case malformedAny(String)
  /// What a message with this full name holds of a known extension is malformed.
  case malformedExtension(String)
  /// Messages are nested deeper than 100, which no reader accepts.
  case depthLimitExceeded
}

extension JSONEncodingError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .invalidValue(let type): "a \(type) holds a value that has no JSON form"
    case .unresolvedType(let url): "the type \"\(url)\" of an Any is not known"
    case .malformedAny(let url): "the bytes of an Any are not a message of type \"\(url)\""
    case .malformedExtension(let type): "an extension of a \(type) is malformed"
    case .depthLimitExceeded: "the message is nested too deeply"
    }
  }
}
