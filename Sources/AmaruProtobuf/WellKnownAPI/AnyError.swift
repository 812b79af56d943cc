// SPDX-License-Identifier: Apache-2.0

/// Says why the message in a `google.protobuf.Any` cannot be taken out.
public enum AnyError: Error, Hashable {
  /// It holds a message of another type, whose URL is given.
  case wrongType(String)
  /// The pool has no message of the type with this URL.
  case unknownType(String)
  /// Its bytes are not a message of its type.
  case malformed(DecodingError)
}

extension AnyError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .wrongType(let url): "the Any holds a message of another type, \(url)"
    case .unknownType(let url): "the type of the Any is not known: \(url)"
    case .malformed(let error): "the message in the Any is malformed: \(error)"
    }
  }
}
