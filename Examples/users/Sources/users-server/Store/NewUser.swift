// SPDX-License-Identifier: Apache-2.0

/// A user that is to be created, with fields within their limits.
struct NewUser: Sendable, Hashable {
  let name: String
  let email: String
}
