// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Collects what is wrong with the fields of a request, for one answer that names all of it.
struct FieldCheck {
  private var violations: [Google_Rpc_BadRequest.FieldViolation] = []

  /// Notes that a field is wrong.
  mutating func refuse(_ field: String, _ problem: String) {
    violations.append(
      .with {
        $0.field = field
        $0.description = problem
      })
  }

  /// Checks a text of `sizes` bytes without control characters, but those `allowed`.
  mutating func text(
    _ text: String, _ field: String, bytes sizes: ClosedRange<Int>,
    allowing allowed: Set<Unicode.Scalar> = []
  ) {
    let count = text.utf8.count
    if count < sizes.lowerBound {
      refuse(field, "\(field) is empty; it has \(sizes.lowerBound) to \(sizes.upperBound) bytes")
    } else if count > sizes.upperBound {
      refuse(field, "\(field) has \(count) bytes; the most are \(sizes.upperBound)")
    } else if text.unicodeScalars.contains(where: {
      $0.properties.generalCategory == .control && !allowed.contains($0)
    }) {
      refuse(field, "\(field) has a control character")
    }
  }

  /// Throws when something is wrong.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, with a `google.rpc.BadRequest`.
  func finish() throws(RPCError) {
    guard !violations.isEmpty else { return }
    throw RPCError(
      .invalidArgument, violations.map(\.description).joined(separator: "; "),
      attaching: Google_Rpc_BadRequest.with { $0.fieldViolations = violations })
  }
}
