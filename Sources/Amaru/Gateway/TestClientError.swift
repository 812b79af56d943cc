// SPDX-License-Identifier: Apache-2.0

/// Why a ``TestClient`` has no response.
public struct TestClientError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What went wrong.
  public let description: String

  init(_ description: String) { self.description = description }
}
