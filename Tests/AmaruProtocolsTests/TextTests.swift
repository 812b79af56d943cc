// SPDX-License-Identifier: Apache-2.0
import Testing

import AmaruCore
@testable import AmaruProtocols

struct GRPCTimeoutTests {
  @Test(
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000),
      ("5u", 5000), ("6n", 6), ("0n", 0), ("0H", 0), ("00000001S", 1_000_000_000),
      ("99999999n", 99_999_999), ("99999999S", 99_999_999_000_000_000),
      ("99999999M", 5_999_999_940_000_000_000),
      // Over 584 years: held to the largest value.
      ("99999999H", .max), ("05124095H", .max), ("5124095H", .max),
    ] as [(String, UInt64)])
  func aTimeoutIsDigitsAndAUnit(_ text: String, _ nanoseconds: UInt64) {
    let product = text.hasSuffix("5124095H") ? 5_124_095 * 3_600_000_000_000 : nanoseconds
    #expect(GRPCTimeout.nanoseconds(text) == product)
  }

  @Test(arguments: [
    "", "1", "H", "S", "-1S", "+1S", " 1S", "1S ", "1 S", "1s", "1h", "1x", "1.5S", "0x1S",
    "100000000n", "000000001n", "123456789S", "1SS", "١S", "1\0S", "1Sé", "é",
  ])
  func anythingElseIsMalformed(_ text: String) {
    #expect(GRPCTimeout.nanoseconds(text) == nil)
  }
}

struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("plain text ~!", "plain text ~!"), ("100%", "100%25"), ("\n\r\t", "%0A%0D%09"),
    ("é", "%C3%A9"), ("🐍", "%F0%9F%90%8D"), ("\u{7f}", "%7F"), ("\0", "%00"), ("a%b", "a%25b"),
    (" ", " "), ("%41", "%2541"),
  ])
  func whatIsNotPrintableASCIIIsEscaped(_ text: String, _ encoded: String) {
    #expect(PercentEncoding.encode(text) == encoded)
  }
}

struct Base64Tests {
  @Test(
    arguments: [
      ([], ""), ([0x66], "Zg"), ([0x66, 0x6f], "Zm8"), ([0x66, 0x6f, 0x6f], "Zm9v"),
      ([0x66, 0x6f, 0x6f, 0x62], "Zm9vYg"), ([255, 255, 254], "///+"), ([0], "AA"),
    ] as [([UInt8], String)])
  func bytesAreWrittenWithoutPaddingAndReadWithOrWithout(_ bytes: [UInt8], _ text: String) {
    #expect(Base64.encode(bytes) == text)
    #expect(Base64.decode(text.utf8) == bytes)
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    #expect(Base64.decode((text + padding).utf8) == bytes)
  }

  @Test func everyLengthComesBack() {
    for count in 0..<300 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
    }
  }

  @Test(arguments: [
    "A", "AAAAA", "Zg=", "Zg===", "Zm8==", "Zm9v=", "Zm9v====", "=", "==", "====", "Zg==Zg==",
    "Z=g=", "Zm 9", "Zm9v\n", "Zm-_", "Zm9é", "*", "A\0",
  ])
  func anythingElseIsNotBase64(_ text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}

struct ContentCodingTests {
  @Test(arguments: [
    ("gzip", true), ("identity,deflate,gzip", true), ("identity, gzip", true), ("gzip;q=1", true),
    (" gzip ,x", true), ("", false), ("gzipped", false), ("x-gzip", false), ("deflate", false),
    (",,", false), ("GZIP", false),
  ])
  func aListHoldsWholeNames(_ list: String, _ isAccepted: Bool) {
    #expect(ContentCoding.gzip.isAccepted(by: list) == isAccepted)
  }

  @Test func allAreAccepted() { #expect(ContentCoding.acceptList == "identity,deflate,gzip") }
}
