// SPDX-License-Identifier: Apache-2.0

/// Whether a ``CircuitBreaker`` lets calls pass.
public enum CircuitState: String, Sendable, Hashable, CaseIterable {
  /// Calls pass.
  case closed
  /// None passes.
  case open
  /// A few pass, to find out whether the server is well again.
  case halfOpen = "half-open"
}
