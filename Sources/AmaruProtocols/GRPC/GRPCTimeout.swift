// SPDX-License-Identifier: Apache-2.0

/// The value of `grpc-timeout`: at most eight digits and a unit. Source: "Timeout" in `PROTOCOL-HTTP2.md`.
enum GRPCTimeout {
  /// The timeout in nanoseconds, held to the largest value; nil when `text` is malformed.
  static func nanoseconds(_ text: String) -> UInt64? {
    var digits = Array(text.utf8)
    guard let unit = digits.popLast(), !digits.isEmpty, digits.count <= 8 else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      value = value * 10 + UInt64(digit - 0x30)
    }
    let scale: UInt64
    switch unit {
    case UInt8(ascii: "H"): scale = 3_600_000_000_000
    case UInt8(ascii: "M"): scale = 60_000_000_000
    case UInt8(ascii: "S"): scale = 1_000_000_000
    case UInt8(ascii: "m"): scale = 1_000_000
    case UInt8(ascii: "u"): scale = 1000
    case UInt8(ascii: "n"): scale = 1
    default: return nil
    }
    let (product, overflow) = value.multipliedReportingOverflow(by: scale)
    return overflow ? .max : product
  }

  /// The value for `nanoseconds`: the finest unit that takes at most eight digits, rounded up, so that the server
  /// does not give up before the client.
  static func text(nanoseconds: UInt64) -> String {
    let units: [(UInt64, String)] = [
      (1, "n"), (1000, "u"), (1_000_000, "m"), (1_000_000_000, "S"), (60_000_000_000, "M"),
    ]
    for (scale, unit) in units {
      let value = nanoseconds / scale + (nanoseconds % scale == 0 ? 0 : 1)
      if value <= 99_999_999 { return "\(value)\(unit)" }
    }
    // The largest number of nanoseconds is 5,124,096 hours.
    return "\(nanoseconds / 3_600_000_000_000 + 1)H"
  }
}
