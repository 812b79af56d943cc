// SPDX-License-Identifier: Apache-2.0

/// How many messages a method takes and gives.
public enum MethodKind: Sendable, Hashable, CaseIterable {
  /// One request, one response.
  case unary
  /// Many requests, one response.
  case clientStreaming
  /// One request, many responses.
  case serverStreaming
  /// Many requests and many responses, in any order.
  case bidirectional

  /// Whether the caller sends exactly one message.
  @inlinable public var hasSingleRequest: Bool { self == .unary || self == .serverStreaming }
  /// Whether the handler sends exactly one message.
  @inlinable public var hasSingleResponse: Bool { self == .unary || self == .clientStreaming }
}
