// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// The content type of a request of gRPC or gRPC-Web, and what it says of the response.
///
/// Other subtypes (`+json`) are other codecs. Sources: "Content-Type" in gRPC's `PROTOCOL-HTTP2.md`; `PROTOCOL-WEB.md`.
struct GRPCContentType {
  /// The `content-type` of the response.
  let response: String
  /// Nil for gRPC itself.
  let web: WebForm?

  /// Which bodies of a call of gRPC-Web are base64.
  struct WebForm {
    let isRequestText: Bool
    let isResponseText: Bool
  }

  /// What the fields of `head` say; nil for another protocol.
  init?(_ head: HTTPHead) {
    guard let value = head.fields.value("content-type") else { return nil }
    let type = value.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    switch type {
    case "application/grpc", "application/grpc+proto":
      response = type
      web = nil
    case "application/grpc-web", "application/grpc-web+proto":
      (response, web) = Self.web(isRequestText: false, head)
    case "application/grpc-web-text", "application/grpc-web-text+proto":
      (response, web) = Self.web(isRequestText: true, head)
    default: return nil
    }
  }

  /// gRPC-Web: the response is text when `accept` asks for it, and as the request where it does not say.
  private static func web(isRequestText: Bool, _ head: HTTPHead) -> (String, WebForm) {
    let accepted = head.fields.value("accept")?.lowercased() ?? ""
    let isText =
      accepted.contains("application/grpc-web-text")
      || isRequestText && !accepted.contains("application/grpc-web")
    // "The sender should always specify the message format."
    return (
      isText ? "application/grpc-web-text+proto" : "application/grpc-web+proto",
      WebForm(isRequestText: isRequestText, isResponseText: isText)
    )
  }
}
