// SPDX-License-Identifier: Apache-2.0

/// What a wire adds to the JSON of a request's messages.
package struct JSONOverlay: Sendable, Hashable {
  /// Fields in the binary format that come on top of those of the JSON.
  package let fields: [UInt8]
  /// Bytes in front of the text that the peer has not sent: errors count from behind them.
  package let prefixBytes: Int
  /// Lines of the body in front of the text: errors count them too.
  package var lines = 0

  package init(fields: [UInt8], prefixBytes: Int) {
    self.fields = fields
    self.prefixBytes = prefixBytes
  }
}
