// SPDX-License-Identifier: Apache-2.0

/// The server answered otherwise than the contract says.
struct UnexpectedAnswer: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// Throws when `holds` is false.
  static func check(_ holds: Bool, otherwise: String) throws(UnexpectedAnswer) {
    if !holds { throw UnexpectedAnswer(otherwise) }
  }
}
