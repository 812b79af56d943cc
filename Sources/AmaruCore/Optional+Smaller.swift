// SPDX-License-Identifier: Apache-2.0

extension Optional where Wrapped: Comparable {
  /// The smaller of two limits, where nil is no limit.
  package func smaller(_ other: Wrapped?) -> Wrapped? {
    guard let self else { return other }
    guard let other else { return self }
    return Swift.min(self, other)
  }
}
