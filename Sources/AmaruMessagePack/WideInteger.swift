// SPDX-License-Identifier: Apache-2.0

/// A whole number from the smallest `Int64` to the largest `UInt64`: what an integer of the format
/// can be.
@frozen
@usableFromInline
struct WideInteger: CustomStringConvertible {
  /// The bits of an `Int64` when the number is negative, or of a `UInt64`.
  @usableFromInline let bits: UInt64
  /// Whether the number is below zero.
  @usableFromInline let isNegative: Bool

  @usableFromInline
  init(_ value: UInt64) {
    bits = value
    isNegative = false
  }

  @usableFromInline
  init(_ value: Int64) {
    bits = UInt64(bitPattern: value)
    isNegative = value < 0
  }

  @usableFromInline var description: String {
    isNegative ? "\(Int64(bitPattern: bits))" : "\(bits)"
  }
}
