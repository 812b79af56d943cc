// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruTLS

@Suite struct TLSErrorTests {
  @Test func itsTextIsItsDescription() {
    #expect("\(TLSError("cannot read server.pem"))" == "cannot read server.pem")
  }
}
