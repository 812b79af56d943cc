// SPDX-License-Identifier: Apache-2.0

/// Goes over the text of a time or a duration.
struct TimeText: ~Escapable {
  private let text: Span<UInt8>
  private var index = 0

  @_lifetime(copy text)
  init(_ text: Span<UInt8>) { self.text = text }

  /// Whether all was read.
  var isAtEnd: Bool { index == text.count }

  /// Passes over a byte when it comes next.
  @_lifetime(self: copy self)
  mutating func accept(_ byte: Unicode.Scalar) -> Bool {
    guard index < text.count, text[index] == UInt8(ascii: byte) else { return false }
    index += 1
    return true
  }

  /// Reads a number of so many digits; nil when there are fewer or more.
  @_lifetime(self: copy self)
  mutating func digits(_ counts: ClosedRange<Int>) -> Int? {
    var value = 0
    var count = 0
    while index < text.count, case let digit = text[index] &- UInt8(ascii: "0"), digit <= 9 {
      count += 1
      guard count <= counts.upperBound else { return nil }
      value = value * 10 + Int(digit)
      index += 1
    }
    return count < counts.lowerBound ? nil : value
  }

  /// Reads a point and one to nine digits as nanoseconds; zero when there is no point.
  @_lifetime(self: copy self)
  mutating func fraction() -> Int? {
    guard accept(".") else { return 0 }
    let start = index
    guard var nanos = digits(1...9) else { return nil }
    for _ in (index - start)..<9 { nanos *= 10 }
    return nanos
  }
}

extension JSONWriter {
  /// Writes a point and nanoseconds in three, six or nine digits; nothing for zero.
  mutating func fraction(_ nanos: Int32) {
    if nanos == 0 { return }
    literal(".")
    switch (nanos % 1_000_000, nanos % 1_000) {
    case (0, _): paddedDigits(Int(nanos) / 1_000_000, 3)
    case (_, 0): paddedDigits(Int(nanos) / 1_000, 6)
    default: paddedDigits(Int(nanos), 9)
    }
  }
}
