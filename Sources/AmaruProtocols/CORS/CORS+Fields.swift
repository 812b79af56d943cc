// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

extension CORS {
  /// Whether pages of `origin` may call.
  func isAllowed(_ origin: String) -> Bool { origins?.contains(origin) ?? true }

  /// Adds what tells a browser whether `origin` may; false when it may not.
  func allow(_ origin: String, _ fields: inout HTTPFields) -> Bool {
    guard let origins else {
      fields.add("access-control-allow-origin", "*")
      return true
    }
    // The answer to another origin is another, which caches must know.
    fields.add("vary", "origin")
    guard origins.contains(origin) else { return false }
    fields.add("access-control-allow-origin", origin)
    if allowsCredentials { fields.add("access-control-allow-credentials", "true") }
    return true
  }
}
