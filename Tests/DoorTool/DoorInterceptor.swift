// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Tells that it ran, sends metadata back, and refuses who asks for it.
struct DoorInterceptor: Interceptor {
  /// What stands in `x-interceptor`.
  let name: String

  func intercept(
    _ context: CallContext, next: @Sendable (CallContext) async throws -> Void
  ) async throws {
    try context.responseMetadata.add("x-interceptor", name)
    if context.metadata.text("x-refuse") == name {
      throw RPCError(.permissionDenied, "\(name) refuses")
    }
    guard name == "inner" else { return try await next(context) }
    for entry in context.metadata.entries where entry.name.hasPrefix("x-echo") {
      try add(entry, to: &context.responseMetadata)
    }
    for entry in context.metadata.entries where entry.name.hasPrefix("x-trail") {
      try add(entry, to: &context.trailers)
    }
    try await next(context)
  }

  private func add(_ entry: Metadata.Entry, to metadata: inout Metadata) throws {
    switch entry.value {
    case .text(let text): try metadata.add(entry.name, text)
    case .binary(let bytes): try metadata.add(entry.name, bytes)
    }
  }
}
