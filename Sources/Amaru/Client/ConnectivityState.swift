// SPDX-License-Identifier: Apache-2.0

/// Whether a channel can reach a server. Source: `connectivity-semantics-and-api.md` of gRPC.
public enum ConnectivityState: String, Sendable, Hashable, CaseIterable {
  /// It has no connection, for there was no call; the next call makes one.
  case idle
  /// It is making a connection.
  case connecting
  /// It has a connection.
  case ready
  /// It could not connect and waits before it tries again.
  case transientFailure = "transient failure"
  /// It was closed.
  case shutdown
}
