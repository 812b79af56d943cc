// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// A record of about 1 KB.
struct Item: MessagePackCodable {
  var id: Int
  var name: String
  var email: String
  var active: Bool
  var rating: Double
  var tags: [String]
  var scores: [Double]
  var counts: [Int]
  var blob: [UInt8]
  var parent: Int?

  static func writeMessagePack(_ value: Item, to writer: inout MessagePackWriter) {
    writer.mapHeader(10)
    writer.field("id", value.id)
    writer.field("name", value.name)
    writer.field("email", value.email)
    writer.field("active", value.active)
    writer.field("rating", value.rating)
    writer.field("tags", value.tags)
    writer.field("scores", value.scores)
    writer.field("counts", value.counts)
    writer.field("blob", value.blob)
    writer.field("parent", value.parent)
  }

  static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> Item {
    var item = Item(CodableItem.empty)
    try reader.map { key, reader throws(MessagePackError) in
      switch key {
      case "id": item.id = try reader.value()
      case "name": item.name = try reader.value()
      case "email": item.email = try reader.value()
      case "active": item.active = try reader.value()
      case "rating": item.rating = try reader.value()
      case "tags": item.tags = try reader.value()
      case "scores": item.scores = try reader.value()
      case "counts": item.counts = try reader.value()
      case "blob": item.blob = try reader.value()
      case "parent": item.parent = try reader.value()
      default: try reader.skip()
      }
    }
    return item
  }
}

extension Item {
  init(_ item: CodableItem) {
    self.init(
      id: item.id, name: item.name, email: item.email, active: item.active, rating: item.rating,
      tags: item.tags, scores: item.scores, counts: item.counts, blob: item.blob,
      parent: item.parent)
  }
}

/// The same, read and written by `Codable`.
struct CodableItem: Codable {
  var id: Int
  var name: String
  var email: String
  var active: Bool
  var rating: Double
  var tags: [String]
  var scores: [Double]
  var counts: [Int]
  var blob: [UInt8]
  var parent: Int?

  static var empty: CodableItem {
    CodableItem(
      id: 0, name: "", email: "", active: false, rating: 0, tags: [], scores: [], counts: [],
      blob: [], parent: nil)
  }

  static var sample: CodableItem {
    CodableItem(
      id: 123_456, name: "Ada Lovelace, Countess", email: "ada@analytical-engine.example",
      active: true, rating: 4.75, tags: (0..<8).map { "tag-number-\($0)" },
      scores: (0..<40).map { Double($0) * 1.25 }, counts: (0..<40).map { $0 * $0 * 37 },
      blob: (0..<200).map { UInt8(truncatingIfNeeded: $0 * 7) }, parent: 42)
  }
}
