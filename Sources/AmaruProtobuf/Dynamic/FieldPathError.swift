// SPDX-License-Identifier: Apache-2.0

/// Says why a text is not a ``FieldPath``.
public enum FieldPathError: Error, Hashable {
  /// A message, given by its full name, has no field with this name.
  case noSuchField(String, message: String)
  /// More follows behind a field, given by its full name, that is not a singular message.
  case notAMessage(String)
  /// The path is longer than messages may be nested.
  case tooDeep
}

extension FieldPathError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .noSuchField(let name, let message): "\(message) has no field '\(name)'"
    case .notAMessage(let field): "\(field) is not a singular message"
    case .tooDeep: "more than \(Reader.defaultDepthLimit) names"
    }
  }
}
