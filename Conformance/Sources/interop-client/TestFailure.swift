// SPDX-License-Identifier: Apache-2.0

/// What a test found to be wrong.
struct TestFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// Fails the test when `found` is not `wanted`.
func expect<Value: Equatable>(_ what: String, _ found: Value, is wanted: Value) throws {
  guard found == wanted else { throw TestFailure("\(what) is \(found), not \(wanted)") }
}
