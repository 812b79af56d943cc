// SPDX-License-Identifier: Apache-2.0

/// Why services cannot be served together.
public enum RouterError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Two of them have a method of this full name.
  case duplicateMethod(String)
  /// Their files do not fit together, so that reflection could not describe them; what is wrong.
  case invalidDescriptors(String)

  /// A route of ``HTTPRoutes`` is malformed, or takes the requests of another.
  case invalidRoute(HTTPRuleError)

  /// What is wrong, and the cure.
  public var description: String {
    switch self {
    case .duplicateMethod(let name):
      "the method \(name) is served twice; give the server one implementation of its service"
    case .invalidDescriptors(let problem):
      "reflection cannot describe the services: \(problem)"
    case .invalidRoute(let error): error.description
    }
  }
}
