// SPDX-License-Identifier: Apache-2.0

/// Where the reading of one JSON object as a message is: what generated code keeps between keys.
public struct JSONFields {
  let table: NameTable
  /// The place of the name that is expected next.
  var expected = 0
  var isFirst = true
  /// Whether the key `@type` of an `Any` stands among the fields.
  let hasType: Bool
  /// A bit for each field that came, the first 64 fields here and the others in `more`.
  private var seen: UInt64 = 0
  private var more: [UInt64]?
  private var extensions: Set<Int32>?

  init(_ names: FieldNames, hasType: Bool) {
    table = names.table
    self.hasType = hasType
  }

  /// Notes that a field came. Returns false when it had come already.
  @inline(__always)
  mutating func insert(_ index: Int) -> Bool {
    if index >= 64 { return insertFar(index &- 64) }
    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: index)
    defer { seen |= bit }
    return seen & bit == 0
  }

  /// Notes that an extension came. Returns false when it had come already.
  mutating func insertExtension(_ number: Int32) -> Bool {
    if extensions == nil { extensions = [] }
    return extensions?.insert(number).inserted == true
  }

  @inline(never)
  private mutating func insertFar(_ index: Int) -> Bool {
    var words = more ?? [UInt64](repeating: 0, count: (table.count &+ 63) / 64)
    more = nil
    let bit: UInt64 = 1 << UInt64(truncatingIfNeeded: index & 63)
    let isNew = words[index / 64] & bit == 0
    words[index / 64] |= bit
    more = words
    return isNew
  }
}
