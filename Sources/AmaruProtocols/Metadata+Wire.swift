// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension Metadata.Value {
  /// The value as a field of HTTP has it: bytes in base64 without padding.
  var onTheWire: String {
    switch self {
    case .text(let text): text
    case .binary(let bytes): Base64.encode(bytes)
    }
  }
}
