// SPDX-License-Identifier: Apache-2.0

/// Why a server could not start.
public struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong, and the cure.
  public let description: String

  init(_ description: String) { self.description = description }
}
