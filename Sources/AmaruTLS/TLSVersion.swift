// SPDX-License-Identifier: Apache-2.0

/// A version of TLS.
public enum TLSVersion: Int32, Sendable, Hashable, CaseIterable {
  /// TLS 1.2, of the ciphers that HTTP/2 allows.
  case v1_2 = 0x0303
  /// TLS 1.3.
  case v1_3 = 0x0304
}
