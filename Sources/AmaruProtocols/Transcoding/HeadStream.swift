// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// The response to a `HEAD`: that to a `GET` without its body (RFC 9110 9.3.2).
final class HeadStream: StreamFilter {
  override func sendBody(_ bytes: UnsafeRawBufferPointer) {}
}
