// SPDX-License-Identifier: Apache-2.0

/// A number of JSON (RFC 8259 6), taken apart: `significand * 10 ^ exponent`.
struct JSONNumber {
  private(set) var isNegative = false
  /// The digits without zeros at either end.
  private(set) var significand: UInt64 = 0
  private(set) var exponent = 0
  /// Whether `significand` holds all digits.
  private(set) var isExact = true
  /// How many digits up to the last one that is not zero `significand` lacks.
  private var dropped = 0

  /// Takes a text apart; nil when it is not a number.
  init?(_ text: Span<UInt8>) {
    var index = 0
    func isDigit(_ index: Int) -> Bool {
      index < text.count && text[index] &- UInt8(ascii: "0") <= 9
    }
    if index < text.count, text[index] == UInt8(ascii: "-") {
      isNegative = true
      index += 1
    }
    guard isDigit(index) else { return nil }
    if text[index] == UInt8(ascii: "0"), isDigit(index + 1) { return nil }
    var zeros = 0
    while isDigit(index) {
      append(text[index] - UInt8(ascii: "0"), &zeros)
      index += 1
    }
    if index < text.count, text[index] == UInt8(ascii: ".") {
      index += 1
      guard isDigit(index) else { return nil }
      while isDigit(index) {
        append(text[index] - UInt8(ascii: "0"), &zeros)
        exponent -= 1
        index += 1
      }
    }
    exponent += zeros
    if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      var isBelowOne = false
      if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
        isBelowOne = text[index] == UInt8(ascii: "-")
        index += 1
      }
      guard isDigit(index) else { return nil }
      var value = 0
      while isDigit(index) {
        // More digits than any text can balance.
        if value < 1 << 50 { value = value * 10 + Int(text[index] - UInt8(ascii: "0")) }
        index += 1
      }
      exponent += isBelowOne ? -value : value
    }
    guard index == text.count else { return nil }
    if significand == 0 { exponent = 0 }
  }

  /// Adds a digit, but keeps zeros back until another digit follows.
  private mutating func append(_ digit: UInt8, _ zeros: inout Int) {
    if digit == 0 {
      if significand != 0 { zeros += 1 }
      return
    }
    var value = significand
    var overflows = !isExact || zeros > 20
    for _ in 0...min(zeros, 20) where !overflows {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      value = product
      overflows = overflow
    }
    let (sum, overflow) = value.addingReportingOverflow(UInt64(digit))
    if overflows || overflow {
      // The digits that are dropped count as zeros.
      isExact = false
      zeros += 1
      dropped = zeros
    } else {
      significand = sum
      zeros = 0
    }
  }

  /// What an integer field says of the number.
  enum Integer {
    case value(UInt64)
    case fraction
    case overflow
  }

  /// The magnitude as an integer.
  var magnitude: Integer {
    if significand == 0 { return .value(0) }
    if exponent - dropped < 0 { return .fraction }
    guard isExact, exponent < 20 else { return .overflow }
    var value = significand
    for _ in 0..<exponent {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return .overflow }
      value = product
    }
    return .value(value)
  }

  /// The number as a double, when the arithmetic of doubles gives it exactly rounded: both parts
  /// are doubles without an error, and one operation rounds once (Clinger, 1990).
  var double: Double? {
    guard isExact, significand <= 1 << 53, abs(exponent) < Self.powers.count else { return nil }
    let power = Self.powers[abs(exponent)]
    let value = exponent < 0 ? Double(significand) / power : Double(significand) * power
    return isNegative ? -value : value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]
}
