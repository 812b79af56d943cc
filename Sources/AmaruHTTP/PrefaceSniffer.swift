// SPDX-License-Identifier: Apache-2.0

/// Tells the version of HTTP by a connection's first bytes: HTTP/2 begins with a preface that is no request of HTTP/1.1
/// (RFC 9113 3.4).
package struct PrefaceSniffer {
  private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  package enum Verdict: Sendable {
    case undecided, http1, http2
  }

  /// How much of the preface has come.
  private var count = 0

  package init() {}

  /// What came before the bytes last looked at, which is to be received first.
  package private(set) var before = UnsafeRawBufferPointer(start: nil, count: 0)

  /// Looks at the next bytes: undecided while they are a part of the preface, which then need not be kept.
  package mutating func look(at bytes: UnsafeRawBufferPointer) -> Verdict {
    before = UnsafeRawBufferPointer(start: Self.preface.utf8Start, count: count)
    let rest = UnsafeRawBufferPointer(
      start: Self.preface.utf8Start + count, count: Self.preface.utf8CodeUnitCount - count)
    guard zip(bytes, rest).allSatisfy({ $0 == $1 }) else { return .http1 }
    count += min(bytes.count, rest.count)
    return bytes.count < rest.count ? .undecided : .http2
  }
}
