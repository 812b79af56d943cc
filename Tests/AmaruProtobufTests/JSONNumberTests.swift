// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain
import Testing

/// Floating-point numbers: the shortest form that is read as the same number.
struct JSONNumberTests {
  @Test(
    arguments: [
      (0.0, "0"), (-0.0, "-0.0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (1e20, "1e+20"),
      (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (9_007_199_254_740_991, "9007199254740991"), (1.0 / 3, "0.3333333333333333"),
      (123_456.789, "123456.789"), (1e-7, "1e-07"), (.nan, #""NaN""#), (.infinity, #""Infinity""#),
      (-.infinity, #""-Infinity""#),
    ] as [(Double, String)])
  func doublesAreShort(_ value: Double, _ text: String) throws {
    #expect(
      try AllTypes.with { $0.optionalDouble = value }.jsonString() == "{\"optionalDouble\":\(text)}")
    let read = try #require(try AllTypes(json: "{\"optionalDouble\":\(text)}").optionalDouble)
    #expect(read.bitPattern == value.bitPattern || value.isNaN && read.isNaN)
  }

  @Test(
    arguments: [
      (0.1, "0.1"), (16_777_216, "16777216.0"), (3.4028235e38, "3.4028235e+38"), (.leastNonzeroMagnitude, "1e-45"),
      (.leastNormalMagnitude, "1.1754944e-38"), (0.3, "0.3"),
    ] as [(Float, String)])
  func floatsAreShort(_ value: Float, _ text: String) throws {
    #expect(try AllTypes.with { $0.floatValue = value }.jsonString() == "{\"floatValue\":\(text)}")
    #expect(try AllTypes(json: "{\"floatValue\":\(text)}").floatValue == value)
  }

  /// The decimal is half way between two floats only as a double; rounded once, it is above.
  @Test func floatsAreRoundedOnce() throws {
    for (text, value) in [
      ("1.00000017881393432617187499", 1.0000001), ("1.00000017881393432617187500", 1.0000002),
      ("1.00000017881393432617187501", 1.0000002), ("7.038531e-26", 7.038531e-26),
      ("7.0064923216240854e-46", .leastNonzeroMagnitude), ("7.0064923216240853e-46", 0), ("1e-60", 0),
    ] as [(String, Float)] {
      #expect(try AllTypes(json: "{\"floatValue\":\(text)}").floatValue == value, "\(text)")
    }
  }

  @Test func randomNumbersSurvive() throws {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let bits = generator.next()
      let message = AllTypes.with {
        $0.doubleValue = Double(bitPattern: bits)
        $0.floatValue = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
        $0.int64Value = Int64(bitPattern: bits >> (bits & 63))
        $0.uint64Value = bits
      }
      let read = try AllTypes(json: message.json())
      #expect(read.doubleValue == message.doubleValue || message.doubleValue.isNaN)
      #expect(read.floatValue == message.floatValue || message.floatValue.isNaN)
      #expect(read.int64Value == message.int64Value)
      #expect(read.uint64Value == bits)
    }
  }

  @Test func longNumbersAreExact() throws {
    let zeros = String(repeating: "0", count: 5_000)
    #expect(try AllTypes(json: "{\"int32Value\":7\(zeros)e-5000}").int32Value == 7)
    #expect(try AllTypes(json: "{\"int32Value\":0.\(zeros)7e5001}").int32Value == 7)
    #expect(try AllTypes(json: "{\"int32Value\":7.\(zeros)}").int32Value == 7)
    #expect(try AllTypes(json: "{\"doubleValue\":7\(zeros)e-5000}").doubleValue == 7)
    #expect(throws: JSONDecodingError.self) {
      try AllTypes(json: "{\"int32Value\":7.\(zeros)1}")
    }
    let digits = "123456789012345678901234567890"
    #expect(try AllTypes(json: "{\"doubleValue\":\(digits)}").doubleValue == Double(digits))
  }
}
