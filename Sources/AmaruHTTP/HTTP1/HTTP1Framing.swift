// SPDX-License-Identifier: Apache-2.0

/// How the end of a response's body is told (RFC 9112 6.3).
enum HTTP1Framing: Equatable {
  /// There is no body.
  case none
  /// By its length, of which this is left.
  case sized(Int)
  case chunked
  /// By closing the connection, to a client of HTTP/1.0.
  case untilClose
}
