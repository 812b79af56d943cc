// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the command line, in one line.
public struct UsageError: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
