// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The query of a unary call by GET. Source: "Unary-Get-Request" of the Connect protocol.
struct ConnectQuery {
  /// The path in front of the query.
  let path: String
  private var values: [String: [UInt8]] = [:]
  /// The first thing that is wrong with it.
  private var flaw: String?

  /// Splits the path of `head`; nil when its query names neither the protocol nor a message and its encoding.
  init?(_ head: HTTPHead) {
    guard head.method == "GET", let mark = head.path.firstIndex(of: "?") else { return nil }
    path = String(head.path[..<mark])
    for part in head.path[mark...].dropFirst().utf8.split(separator: UInt8(ascii: "&")) {
      let name = part.prefix { $0 != UInt8(ascii: "=") }
      let value = part.dropFirst(name.count + 1)
      let key = String(decoding: PercentEncoding.decodeQuery(name), as: UTF8.self)
      if values.updateValue(PercentEncoding.decodeQuery(value), forKey: key) != nil {
        flaw = flaw ?? "the parameter '\(key)' came twice"
      }
      if !PercentEncoding.isWellFormed(value) {
        flaw = flaw ?? "a '%' in the parameter '\(key)' is not followed by two hexadecimal digits"
      }
    }
    let isWhole = values["message"] != nil && values["encoding"] != nil
    guard isWhole || values["connect"] != nil else { return nil }
  }

  /// The text of a parameter; nil when it is not there.
  func text(_ name: String) -> String? {
    values[name].map { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of the message, which may be compressed.
  func message() throws(RPCError) -> [UInt8] {
    if let flaw { throw RPCError(.invalidArgument, flaw) }
    guard let encoding = text("encoding"), let message = values["message"] else {
      let missing = values["message"] == nil ? "message" : "encoding"
      throw RPCError(.invalidArgument, "the parameter '\(missing)' is missing")
    }
    guard encoding == "proto" || encoding == "json" else {
      throw RPCError(.invalidArgument, "unknown encoding '\(encoding)'; use proto or json")
    }
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
