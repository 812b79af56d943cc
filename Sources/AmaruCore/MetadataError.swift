// SPDX-License-Identifier: Apache-2.0

/// Why an entry could not be added to ``Metadata``.
public enum MetadataError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The name is empty or holds something other than `a-z 0-9 - _ .`.
  case invalidName(String)
  /// The name belongs to the wire, such as `grpc-status`.
  case reservedName(String)
  /// Text was given under a name that ends in `-bin`.
  case bytesExpected(String)
  /// Bytes were given under a name that does not end in `-bin`.
  case textExpected(String)
  /// The text holds something other than printable ASCII, or begins or ends with a space.
  case notPrintableASCII(String)

  /// What is wrong with which name, and the cure.
  public var description: String {
    switch self {
    case .invalidName(let name):
      "metadata name '\(name)': use only letters, digits, '-', '_' and '.'"
    case .reservedName(let name): "metadata name '\(name)' is reserved; choose another"
    case .bytesExpected(let name): "metadata '\(name)' ends in -bin: add bytes, not text"
    case .textExpected(let name): "metadata '\(name)' is bytes: end its name in -bin"
    case .notPrintableASCII(let name):
      "metadata '\(name)' is not printable ASCII: send it as bytes under '\(name)-bin'"
    }
  }
}
