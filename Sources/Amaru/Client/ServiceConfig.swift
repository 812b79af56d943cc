// SPDX-License-Identifier: Apache-2.0

/// Timeouts, retries and more for each method of a channel.
public struct ServiceConfig: Sendable {
  /// A config that says nothing.
  public init() {}
}
