// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// A short answer in text to a request that no protocol claims.
package final class PlainResponse: DroppedRequest {
  /// Answers on `stream` with `status` and `text`, whose last line need not be ended.
  package init(
    _ status: Int, _ text: String, type: String = "text/plain; charset=utf-8",
    fields extra: [(String, String)] = [], on stream: any HTTPServerStream
  ) {
    var text = text.hasSuffix("\n") ? text : text + "\n"
    var fields = HTTPFields()
    fields.add(":status", String(status))
    fields.add("content-type", type)
    fields.add("content-length", String(text.utf8.count))
    for (name, value) in extra { fields.add(name, value) }
    stream.sendHead(fields, end: false)
    text.withUTF8 { stream.sendBody(UnsafeRawBufferPointer($0)) }
    stream.sendTrailers(HTTPFields())
  }
}
