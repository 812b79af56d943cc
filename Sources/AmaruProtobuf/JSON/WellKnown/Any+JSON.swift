// SPDX-License-Identifier: Apache-2.0

// A message of any type stands as its own object with one more key: `@type`, its URL. One whose
// form is not an object stands in the key `value`.

extension Google_Protobuf_Any {
  public mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    guard reader.token() == UInt8(ascii: "{") else { throw reader.expected("an object") }
    let start = reader.mark
    guard let url = try reader.typeURL() else { return }
    reader.go(to: start)
    guard let content = try AnyContent.read(&reader, Self.messageName(of: url) ?? "") else {
      throw reader.error(.unresolvedType(url), at: start)
    }
    typeUrl = url
    value = content
  }

  public func writeJSON(_ writer: inout JSONWriter) {
    if typeUrl.isEmpty, value.isEmpty { return writer.literal("{},") }
    let result: AnyContent.Outcome
    if let name = messageName {
      result = AnyContent.write(self, name, &writer)
    } else {
      result = .unresolved
    }
    switch result {
    case .written: break
    case .unresolved: writer.fail(.unresolvedType(typeUrl))
    case .malformed: writer.fail(.malformedAny(typeUrl))
    }
  }
}

extension JSONReader {
  /// Goes over an object and returns the text of its key `@type`; nil when the object is empty.
  mutating func typeURL() throws(JSONDecodingError) -> String? {
    let start = mark
    try open(UInt8(ascii: "{"), "an object")
    var isFirst = true
    var url: String?
    var isEmpty = true
    while try nextKey(&isFirst) {
      isEmpty = false
      let key = mark
      let isType = try withString { $0.isEqual(to: "@type") }
      try colon()
      if isType {
        if url != nil { throw error(.duplicateKey("@type"), at: key) }
        url = try string()
      } else {
        try skipValue()
      }
    }
    leave()
    if url == nil, !isEmpty { throw error(.unresolvedType(""), at: start) }
    return url
  }
}
