// SPDX-License-Identifier: Apache-2.0

/// One line that says what is wrong and how to cure it.
struct BuildError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
