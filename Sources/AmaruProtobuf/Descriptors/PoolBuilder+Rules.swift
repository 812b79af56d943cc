// SPDX-License-Identifier: Apache-2.0

// What the language forbids, and a compiler would have refused.
extension PoolBuilder {
  /// The largest number that a field can have: 29 bits.
  static let largestNumber: Int32 = 536_870_911

  func check(_ field: FieldRecord) throws(DescriptorError) {
    func fail(_ reason: String) -> DescriptorError { error(field.file, fullName(field), reason) }
    guard (1...Self.largestNumber).contains(field.number),
      !(19_000...19_999).contains(field.number)
    else { throw fail("no field can have the number \(field.number)") }
    if field.proto.options?.packed == true, !field.isPacked {
      throw fail("only repeated numbers can be packed")
    }
    let isProto3 = files[field.file].proto.syntax == "proto3"
    if isProto3, field.proto.label == .required || field.proto.type == .group {
      throw fail("proto3 has no required fields and no groups")
    }
    if field.proto.proto3Optional == true, field.oneof == nil {
      throw fail("an optional field has no oneof")
    }
    if field.oneof != nil, field.isRepeated || field.proto.label == .required {
      throw fail("a oneof has singular fields only")
    }
    if case .enumeration(let place) = field.type, enums[place].isClosed, field.isSingular,
      !field.hasPresence, !messages[field.containing].isMapEntry
    {
      throw fail("a field without presence has a closed enum")
    }
    let host = messages[field.containing]
    if host.isMessageSet {
      guard field.isExtension, field.isSingular, case .message = field.type, !field.isDelimited
      else { throw fail("a message set has extensions only, each a message") }
    }
    if field.isExtension {
      if field.proto.label == .required { throw fail("an extension is required") }
      guard holds(host.extensionRanges, field.number) else {
        throw fail("\(host.fullName) has no extension number \(field.number)")
      }
    } else if holds(host.extensionRanges, field.number) {
      throw fail("its number \(field.number) is for extensions")
    }
  }

  /// Whether sorted ranges hold a number.
  private func holds(_ ranges: [Range<Int32>], _ number: Int32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= number { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(number)
  }

  /// Settles the ranges of a message in order, and checks that none overlap.
  mutating func linkRanges(_ index: Int) throws(DescriptorError) {
    let message = messages[index]
    let proto = message.proto
    let limit = message.isMessageSet ? Int32.max : Self.largestNumber + 1
    let extended = proto.extensionRange.map { (start: $0.start ?? 0, end: $0.end ?? 0) }
    let reserved = proto.reservedRange.map { (start: $0.start ?? 0, end: $0.end ?? 0) }
    let all = (extended + reserved).sorted { $0.start < $1.start }
    var end: Int32 = 1
    for range in all {
      guard range.start >= end, range.start < range.end, range.end <= limit else {
        let text = "the range from \(range.start) to before \(range.end) is not allowed"
        throw error(message.file, message.fullName, text)
      }
      end = range.end
    }
    let byStart: (Range<Int32>, Range<Int32>) -> Bool = { $0.lowerBound < $1.lowerBound }
    messages[index].extensionRanges = extended.map { $0.start..<$0.end }.sorted(by: byStart)
    messages[index].reservedRanges = reserved.map { $0.start..<$0.end }.sorted(by: byStart)
  }

  func check(_ message: MessageRecord) throws(DescriptorError) {
    func fail(_ reason: String) -> DescriptorError { error(message.file, message.fullName, reason) }
    if message.isMapEntry, message.parent == nil { throw fail("a map's entry has no map") }
    if message.reservedRanges.isEmpty && message.proto.reservedName.isEmpty { return }
    let names = Set(message.proto.reservedName)
    for place in message.fields {
      let field = fields[place]
      if names.contains(field.name) || holds(message.reservedRanges, field.number) {
        throw fail("the field \(field.name) has a reserved name or number")
      }
    }
  }

  mutating func checkOneof(_ index: Int) throws(DescriptorError) {
    let oneof = oneofs[index]
    let message = messages[oneof.containing]
    let symbol = "\(message.fullName).\(oneof.name)"
    if oneof.fields.isEmpty { throw error(message.file, symbol, "a oneof has no fields") }
    let isSynthetic = oneof.fields.contains { fields[$0].proto.proto3Optional == true }
    if isSynthetic, oneof.fields.count > 1 {
      throw error(message.file, symbol, "an optional field shares its oneof")
    }
    oneofs[index].isSynthetic = isSynthetic
  }
}
