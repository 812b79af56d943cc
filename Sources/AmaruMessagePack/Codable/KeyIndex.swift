// SPDX-License-Identifier: Apache-2.0

/// Where the values of a map's keys are.
final class KeyIndex {
  private struct Entry {
    let name: String
    let value: Int
  }

  /// Up to so many entries are searched one by one.
  private static let searchLimit = 16

  let frame: DecodingFrame
  private var entries: [Entry] = []
  private var byName: [String: Int] = [:]
  /// Where the map ends.
  private let end: Int

  /// Finds the entries of the map at a frame's place.
  init(_ frame: DecodingFrame) throws(MessagePackError) {
    self.frame = frame
    let input = frame.input
    do throws(MessagePackError) {
      var reader = input.reader(at: frame.offset, depth: frame.depth)
      let count = try reader.beginMap()
      entries.reserveCapacity(min(count, 1024))
      for _ in 0..<count {
        let name = try reader.string()
        entries.append(Entry(name: name, value: reader.offset))
        try reader.skip()
      }
      end = reader.offset
      frame.end = end
    } catch {
      throw error.rooted(at: frame.path(.root))
    }
    guard entries.count > Self.searchLimit else { return }
    byName.reserveCapacity(entries.count)
    for entry in entries { byName[entry.name] = entry.value }
  }

  /// The keys in the order of the input, each once.
  var names: [String] {
    var seen: Set<String> = []
    return entries.compactMap { seen.insert($0.name).inserted ? $0.name : nil }
  }

  /// Where a key's value is, the last one of several, or nil.
  func find(_ name: String) -> Int? {
    if entries.count > Self.searchLimit { return byName[name] }
    var index = entries.count
    while index > 0 {
      index -= 1
      if entries[index].name == name { return entries[index].value }
    }
    return nil
  }

  /// Where a key's value is, or an error with the key's path.
  func require(_ key: any CodingKey) throws(MessagePackError) -> Int {
    if let offset = find(key.stringValue) { return offset }
    throw MessagePackError(.missingKey(key.stringValue), offset: end)
      .rooted(at: frame.path(.key(key)))
  }

  /// A frame at a key's value.
  func frame(_ key: any CodingKey) throws(MessagePackError) -> DecodingFrame {
    DecodingFrame(
      frame.input, parent: frame, step: .key(key), offset: try require(key), depth: frame.depth + 1)
  }
}
