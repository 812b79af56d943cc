// SPDX-License-Identifier: Apache-2.0

/// A certificate and its key, in PEM.
package struct TestCertificate: Sendable {
  package let pem: String
  package let key: String
}
