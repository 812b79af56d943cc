// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

struct PrefaceSnifferTests {
  private let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  /// The verdict on `text` in pieces of `size` bytes, and the bytes that are then to be received.
  private func verdict(_ text: String, by size: Int) -> (PrefaceSniffer.Verdict, String) {
    var sniffer = PrefaceSniffer()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      let verdict = piece.withUnsafeBytes { sniffer.look(at: $0) }
      if verdict != .undecided {
        return (verdict, String(decoding: Array(sniffer.before) + Array(rest), as: UTF8.self))
      }
      rest = rest.dropFirst(size)
    }
    return (.undecided, "")
  }

  @Test(arguments: [1, 2, 5, 24, 100])
  func theFirstDifferenceDecides(_ size: Int) {
    for text in ["GET / HTTP/1.1", "POST / HTTP/1.1", "PROPFIND /", "PRI * HTTP/1.1", preface.dropLast() + "x", "\u{0}"] {
      let (version, bytes) = verdict(text, by: size)
      #expect(version == .http1)
      #expect(bytes == text)
    }
    for text in [preface, preface + "more"] {
      let (version, bytes) = verdict(text, by: size)
      #expect(version == .http2)
      #expect(bytes == text)
    }
    let (version, _) = verdict(String(preface.dropLast()), by: size)
    #expect(version == .undecided)
  }
}
