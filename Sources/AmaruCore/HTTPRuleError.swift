// SPDX-License-Identifier: Apache-2.0

/// Why a rule of `google.api.http` cannot be served.
public struct HTTPRuleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The method that the rule is for: `package.Service/Method`, or the rule's selector when there is no such method.
  public let method: String
  /// What is wrong, as a fragment of an English sentence, and the cure.
  public let reason: String

  /// Names a method, and what is wrong with a rule for it.
  public init(method: String, reason: String) {
    self.method = method
    self.reason = reason
  }

  /// One line for a log.
  public var description: String { "the HTTP rule for \(method): \(reason)" }
}
