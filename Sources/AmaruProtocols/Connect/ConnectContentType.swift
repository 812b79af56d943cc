// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The content type of a request of Connect. Source: "Unary-Content-Type" and "Streaming-Content-Type" of the Connect
/// protocol.
struct ConnectContentType {
  /// The `content-type` of a successful response, which is the request's.
  let name: String
  /// Whether the bodies are enveloped messages.
  let isStream: Bool
  /// How the messages are written.
  let codec: CallCodec

  /// The type of a unary call whose messages are in `codec`.
  init(unary codec: CallCodec) {
    name = codec == .json ? "application/json" : "application/proto"
    isStream = false
    self.codec = codec
  }

  /// What the fields of `head` say; nil for another protocol.
  init?(_ head: HTTPHead) {
    guard let value = head.fields.value("content-type") else { return nil }
    let type = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    switch type {
    case "application/proto", "application/json": isStream = false
    case "application/connect+proto", "application/connect+json": isStream = true
    default: return nil
    }
    name = type
    codec = type.hasSuffix("json") ? .json : .binary
  }
}
