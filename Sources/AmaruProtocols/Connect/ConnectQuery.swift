// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The query of a unary call by GET. Source: "Unary-Get-Request" of the Connect protocol.
struct ConnectQuery {
  /// The path in front of the query.
  let path: String
  private var values: [String: [UInt8]] = [:]
  private var repeated: String?

  /// Splits the path of `head`; nil when its query does not name a message and its encoding.
  init?(_ head: HTTPHead) {
    guard head.method == "GET", let mark = head.path.firstIndex(of: "?") else { return nil }
    path = String(head.path[..<mark])
    for part in head.path[mark...].dropFirst().utf8.split(separator: UInt8(ascii: "&")) {
      let name = part.prefix { $0 != UInt8(ascii: "=") }
      let value = PercentEncoding.decodeQuery(part.dropFirst(name.count + 1))
      let key = String(decoding: PercentEncoding.decodeQuery(name), as: UTF8.self)
      if values.updateValue(value, forKey: key) != nil { repeated = key }
    }
    guard values["message"] != nil, values["encoding"] != nil else { return nil }
  }

  /// The text of a parameter; nil when it is not there.
  func text(_ name: String) -> String? {
    values[name].map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of the message, which may be compressed.
  func message() throws(RPCError) -> [UInt8] {
    if let repeated { throw RPCError(.invalidArgument, "the parameter '\(repeated)' came twice") }
    let encoding = text("encoding") ?? ""
    guard encoding == "proto" || encoding == "json" else {
      throw RPCError(.invalidArgument, "unknown encoding '\(encoding)'; use proto or json")
    }
    let message = values["message"] ?? []
    switch text("base64") {
    case nil, "0": return message
    case "1": break
    default: throw RPCError(.invalidArgument, "the parameter 'base64' must be 1")
    }
    // In either alphabet.
    guard let bytes = Base64.decode(Base64.usual(message)) else {
      throw RPCError(.invalidArgument, "the parameter 'message' is not base64")
    }
    return bytes
  }
}
