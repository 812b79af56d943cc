// SPDX-License-Identifier: Apache-2.0

/// Why a text is not a ``PathTemplate``, and where.
package struct PathTemplateError: Error, Hashable, CustomStringConvertible {
  /// The text.
  package let template: String
  /// Where the fault was noticed, in bytes; the first is 1.
  package let position: Int
  /// What is wrong, as a fragment of an English sentence.
  package let reason: String

  package var description: String {
    "the path template '\(template)', position \(position): \(reason)"
  }
}
