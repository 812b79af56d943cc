// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// A short answer in plain text to a request that no protocol claims.
package final class PlainResponse: HTTPRequestHandler {
  /// Answers on `stream` with `status` and a line of text for a person.
  package init(
    _ status: Int, _ text: String, fields extra: [(String, String)] = [],
    on stream: any HTTPServerStream
  ) {
    var fields = HTTPFields()
    fields.add(":status", String(status))
    fields.add("content-type", "text/plain; charset=utf-8")
    fields.add("content-length", String(text.utf8.count + 1))
    for (name, value) in extra { fields.add(name, value) }
    stream.sendHead(fields, end: false)
    (text + "\n").withUTF8Bytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
  }

  package func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {}
  package func roomAvailable() {}
  package func overflow() {}
  package func closed(_ reason: HTTPStreamClosure?) {}
}

extension String {
  fileprivate func withUTF8Bytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    var text = self
    text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }
}
