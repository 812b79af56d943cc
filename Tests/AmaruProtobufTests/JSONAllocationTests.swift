// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import CAllocationCount
import GoldenPlain
import Testing

/// The heap allocations of JSON, in debug builds (swift test).
///
/// The thresholds are what was measured, so that one more fails; lower them when a change saves some.
struct JSONAllocationTests {
  private static let message = AllTypes.with {
    $0.int32Value = 1
    $0.int64Value = -5
    $0.doubleValue = 0.25
    $0.stringValue = "short"
    $0.bytesValue = [1, 2, 3]
    $0.nestedValue = .with { $0.name = "a name that is too long for a string's own memory" }
    $0.repeatedInt32 = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    $0.repeatedString = ["a", "b", "c"]
    $0.colorValue = .blue
    $0.card = .init()
  }

  /// The allocations of an operation, once the tables of names are there.
  private func count(_ operation: () throws -> Void) rethrows -> Int64? {
    guard allocation_count() >= 0 else { return nil }
    for _ in 0..<3 { try operation() }
    let before = allocation_count()
    try operation()
    return allocation_count() - before
  }

  @Test func writingAllocatesTheResultOnly() throws {
    let message = Self.message
    guard let count = try count({ _ = try message.json() }) else { return }
    #expect(count == 1)
  }

  @Test func readingAllocatesWhatTheMessageHolds() throws {
    let text = try Self.message.json()
    guard let count = try count({ _ = try AllTypes(json: text) }) else { return }
    // The bytes, the long name and the two lists.
    #expect(count == 4)
  }
}
