// SPDX-License-Identifier: Apache-2.0

/// A member of an object in JSON.
package enum JSONMember {
  /// Where the value of the member `name` is in `text`, which is an object; nil when it is not there, or the text is no object.
  package static func value(named name: String, in text: [UInt8]) -> Range<Int>? {
    var options = JSONDecodingOptions()
    options.depthLimit = .max
    var reader = JSONReader(text.span, options: options, file: nil)
    return try? find(name, text.count, &reader)
  }

  private static func find(
    _ name: String, _ count: Int, _ reader: inout JSONReader
  ) throws(JSONDecodingError) -> Range<Int>? {
    try reader.open(UInt8(ascii: "{"), "an object")
    var isFirst = true
    while try reader.nextKey(&isFirst) {
      let isWanted = try reader.string() == name
      try reader.colon()
      _ = reader.token()
      let start = count - reader.remaining
      try reader.skipValue()
      if isWanted { return start..<count - reader.remaining }
    }
    return nil
  }

  /// Checks that a text is one value of JSON, of any kind.
  package static func checkValue(_ text: [UInt8]) throws(JSONDecodingError) {
    var reader = JSONReader(text.span, options: JSONDecodingOptions(), file: nil)
    try reader.skipValue()
    try reader.finish()
  }
}
