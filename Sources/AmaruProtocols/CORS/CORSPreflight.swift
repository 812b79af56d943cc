// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The answer to a browser that asks, before it sends a request, whether it may.
///
/// Source: "CORS protocol" in the Fetch standard, 3.3.2 and 3.3.3.
final class CORSPreflight: DroppedRequest {
  /// Whether `head`, which has an `origin`, asks that.
  static func isPreflight(_ head: HTTPHead) -> Bool {
    head.method == "OPTIONS" && head.fields.value("access-control-request-method") != nil
  }

  /// Answers on `stream`: 204 for an origin of the list, 403 for another. A page of the list may send any field.
  init(_ head: HTTPHead, origin: String, _ cors: CORS, on stream: any HTTPServerStream) {
    var fields = HTTPFields()
    let isAllowed = cors.isAllowed(origin)
    fields.add(":status", isAllowed ? "204" : "403")
    _ = cors.allow(origin, &fields)
    if isAllowed {
      fields.add("access-control-allow-methods", "GET,POST")
      if let names = head.fields.value("access-control-request-headers") {
        fields.add("access-control-allow-headers", names)
      }
      fields.add("access-control-max-age", String(max(cors.maxAge.components.seconds, 0)))
    }
    stream.sendHead(fields, end: true)
  }
}
