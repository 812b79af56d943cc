// SPDX-License-Identifier: Apache-2.0

/// Says why descriptors do not fit together: the file, the declaration in it, and what is wrong.
///
/// Thrown when a ``DescriptorPool`` is made. Descriptors from a peer may say anything.
public struct DescriptorError: Error, Hashable, CustomStringConvertible {
  /// The name of the `.proto` file; empty when the file has none.
  public let file: String
  /// The full name of the declaration; empty when the file itself is at fault.
  public let symbol: String
  /// What is wrong, as a fragment of an English sentence.
  public let reason: String

  /// Names a file, a declaration in it, and what is wrong with it.
  public init(file: String, symbol: String = "", reason: String) {
    self.file = file
    self.symbol = symbol
    self.reason = reason
  }

  /// One line for a log or a status message.
  public var description: String {
    symbol.isEmpty ? "\(file): \(reason)" : "\(file): \(symbol): \(reason)"
  }
}
