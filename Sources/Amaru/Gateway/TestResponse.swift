// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// The response that a ``TestClient`` got.
public struct TestResponse: Sendable {
  /// The status, such as 200.
  public let status: Int
  /// The fields in their order, names in lower case.
  public let headers: [(name: String, value: String)]
  /// The body.
  public let body: [UInt8]

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The first value of a field; `name` in lower case.
  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The body, read as the JSON of a message.
  /// - Throws: ``JSONDecodingError``.
  public func decoded<M: Message>(as type: M.Type) throws -> M { try M(json: body) }

  /// Takes a whole response of HTTP/1.1 apart (RFC 9112).
  init(_ bytes: [UInt8]) throws(TestClientError) {
    var rest = bytes[...]
    func line() throws(TestClientError) -> String {
      guard
        let end = rest.indices.dropLast().first(where: { rest[$0] == 0x0d && rest[$0 + 1] == 0x0a })
      else { throw TestClientError("the response ends inside its head") }
      defer { rest = rest[(end + 2)...] }
      return String(decoding: rest[..<end], as: UTF8.self)
    }
    let words = try line().split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else {
      throw TestClientError("the response has no status")
    }
    self.status = status
    var headers: [(name: String, value: String)] = []
    while case let text = try line(), !text.isEmpty {
      let name = text.prefix { $0 != ":" }
      let value = text.dropFirst(name.count + 1).drop { $0 == " " }
      headers.append((name.lowercased(), String(value)))
    }
    self.headers = headers
    guard headers.contains(where: { $0.name == "transfer-encoding" }) else {
      body = Array(rest)
      if let length = headers.first(where: { $0.name == "content-length" })?.value,
        Int(length) != body.count
      {
        throw TestClientError("the response ends inside its body")
      }
      return
    }
    var body: [UInt8] = []
    while case let text = try line(), let count = Int(text, radix: 16), count > 0 {
      guard rest.count >= count + 2 else {
        throw TestClientError("the response ends inside its body")
      }
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
    }
    self.body = body
  }
}
