// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Gives the caller back two entries of its metadata, one before the messages and one after them.
///
/// Source: "custom_metadata" in gRPC's `interop-test-descriptions.md`.
struct EchoMetadata: Interceptor {
  private static let initial = "x-grpc-test-echo-initial"
  private static let trailing = "x-grpc-test-echo-trailing-bin"

  func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws {
    if let text = context.metadata.text(Self.initial) {
      try context.responseMetadata.add(Self.initial, text)
    }
    if let bytes = context.metadata.binary(Self.trailing) {
      try context.trailers.add(Self.trailing, bytes)
    }
    try await next(context)
  }
}
