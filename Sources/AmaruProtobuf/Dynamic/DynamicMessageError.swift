// SPDX-License-Identifier: Apache-2.0

/// Says why a ``DynamicMessage`` cannot be made, or a field of it cannot have a value.
public enum DynamicMessageError: Error, Hashable {
  /// The message has no field with this name or number.
  case noSuchField(String)
  /// The value is of another type than the field that is named.
  case wrongType(String)
  /// The field's enum is closed and does not declare the number.
  case undeclaredNumber(String, Int32)
  /// The pool has no message with this name.
  case unknownType(String)
  /// The bytes of a message cannot be read: it is nested too deeply, for example.
  case malformed(DecodingError)
}

extension DynamicMessageError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .noSuchField(let name): "the message has no field \(name)"
    case .wrongType(let name): "the value is of another type than the field \(name)"
    case .undeclaredNumber(let name, let number):
      "the enum of the field \(name) does not declare \(number)"
    case .unknownType(let name): "the message type \(name) is not known"
    case .malformed(let error): error.description
    }
  }
}
