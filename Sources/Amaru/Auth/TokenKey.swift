// SPDX-License-Identifier: Apache-2.0
import AmaruTLS

/// A key that tokens may be signed with.
struct TokenKey: Sendable {
  /// The name that tokens call it by (`kid`); nil for a key that has none.
  let id: String?
  let key: VerificationKey
}
