// SPDX-License-Identifier: Apache-2.0

/// What is wrong with the command line, in one line.
struct UsageError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
