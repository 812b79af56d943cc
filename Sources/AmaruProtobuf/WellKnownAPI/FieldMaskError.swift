// SPDX-License-Identifier: Apache-2.0

/// Says why a `google.protobuf.FieldMask` cannot be applied.
public enum FieldMaskError: Error, Hashable {
  /// A path names a field that the message with this full name does not have, or goes on behind a
  /// field that is not a singular message.
  case invalidPath(String, message: String)
  /// A path has more parts than messages may be nested.
  case tooDeep(String)
  /// A message is of another type than it should be, or cannot be read.
  case message(DynamicMessageError)
}

extension FieldMaskError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .invalidPath(let path, let message): "the path \(path) leads to no field of \(message)"
    case .tooDeep(let path): "the path \(path.prefix(100)) is too long"
    case .message(let error): error.description
    }
  }
}
