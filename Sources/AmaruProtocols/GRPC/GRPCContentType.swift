// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The content type of a request of gRPC or gRPC-Web, and what it says of the response.
///
/// Sources: "Content-Type" in gRPC's `PROTOCOL-HTTP2.md`; `PROTOCOL-WEB.md`.
struct GRPCContentType {
  /// The `content-type` of the response.
  let response: String
  /// How the messages are written.
  let codec: CallCodec
  /// Nil for gRPC itself.
  let web: WebForm?

  /// Which bodies of a call of gRPC-Web are base64.
  struct WebForm {
    let isRequestText: Bool
    let isResponseText: Bool
  }

  /// How all of them begin: most requests of other protocols need no closer look.
  private static let start = "application/grpc".utf8

  /// What the fields of `head` say; nil for another protocol.
  init?(_ head: HTTPHead) {
    guard let value = head.fields.value("content-type"),
      value.utf8.starts(with: Self.start, by: { $0 | 0x20 == $1 | 0x20 })
    else { return nil }
    let type = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    let name = type.prefix { $0 != "+" }
    switch type.dropFirst(name.count) {
    case "", "+proto": codec = .binary
    case "+json": codec = .json
    default: return nil
    }
    switch name {
    case "application/grpc":
      response = type
      web = nil
    case "application/grpc-web", "application/grpc-web-text":
      let form = WebForm(head, isRequestText: name.hasSuffix("-text"))
      // "The sender should always specify the message format."
      response =
        "application/grpc-web\(form.isResponseText ? "-text" : "")+\(codec == .json ? "json" : "proto")"
      web = form
    default: return nil
    }
  }
}

extension GRPCContentType.WebForm {
  /// The response is text when `accept` asks for it, and as the request where it does not say.
  fileprivate init(_ head: HTTPHead, isRequestText: Bool) {
    let accepted = head.fields.value("accept")?.lowercased() ?? ""
    self.isRequestText = isRequestText
    isResponseText =
      accepted.contains("application/grpc-web-text")
      || isRequestText && !accepted.contains("application/grpc-web")
  }
}
