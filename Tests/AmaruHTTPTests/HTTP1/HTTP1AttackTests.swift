// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruHTTP

/// The attacks that have names, as raw bytes, each with all that is answered. What is smuggled asks for `/smuggled`, and
/// must never get there.
struct HTTP1AttackTests {
  struct Attack: CustomTestStringConvertible {
    let name: String
    let bytes: String
    /// The paths of the requests that are served.
    let served: [String]
    /// The whole refusal; nil when there is none.
    let refusal: HTTP1Refusal?

    init(_ name: String, _ bytes: String, served: [String] = [], _ refusal: HTTP1Refusal?) {
      self.name = name
      self.bytes = bytes
      self.served = served
      self.refusal = refusal
    }

    var testDescription: String { name }

    /// What the server says: 204 for each request that is served, then the refusal.
    var answer: String {
      let close = bytes.contains("Connection: close") ? "connection: close\r\n" : ""
      let served = served.map { _ in "HTTP/1.1 204 No Content\r\n\(close)\r\n" }.joined()
      guard let refusal else { return served }
      let reasons = [
        400: "Bad Request", 408: "Request Timeout", 414: "URI Too Long", 417: "Expectation Failed",
        431: "Request Header Fields Too Large", 501: "Not Implemented",
        505: "HTTP Version Not Supported",
      ]
      return served
        + "HTTP/1.1 \(refusal.status) \(reasons[refusal.status] ?? "")\r\ncontent-type: text/plain; charset=utf-8\r\n"
        + "content-length: \(refusal.text.utf8.count + 1)\r\nconnection: close\r\n\r\n\(refusal.text)\n"
    }
  }

  private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
  private static let post = "POST / HTTP/1.1\r\nHost: a\r\n"
  private static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

  static let attacks: [Attack] = [
    // One body, two lengths.
    Attack("CL.TE", post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, .twoLengths),
    Attack("TE.CL", post + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n" + smuggled, .twoLengths),
    Attack("CL.CL", post + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + smuggled, .contentLength),
    Attack("CL.0 as a list", post + "Content-Length: 44, 0\r\n\r\n" + smuggled, .contentLength),
    Attack("TE.TE, another case", post + "Transfer-Encoding: cHuNkEd\r\nContent-Length: 4\r\n\r\n" + smuggled, .twoLengths),
    Attack("TE.TE, two fields", post + "Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n\r\n" + smuggled, .twoLengths),
    Attack("TE.TE, unknown", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled, .transferCoding),
    Attack("TE.TE, a vertical tab", post + "Transfer-Encoding: \u{b}chunked\r\n\r\n" + smuggled, .fieldValue),
    Attack("TE.TE, a blank before the colon", post + "Transfer-Encoding : chunked\r\n\r\n" + smuggled, .fieldName),
    Attack("TE.TE, folded", post + "Transfer-Encoding:\r\n chunked\r\n\r\n" + smuggled, .folding),
    Attack("TE.TE, hidden behind LF", post + "X: y\nTransfer-Encoding: chunked\r\n\r\n" + smuggled, .lineEnd),
    Attack("TE.TE, hidden behind CR", post + "X: y\rTransfer-Encoding: chunked\r\n\r\n" + smuggled, .fieldValue),
    Attack("a length with a sign", post + "Content-Length: +0\r\n\r\n" + smuggled, .contentLength),
    Attack("a length over 64 bits", post + "Content-Length: 18446744073709551616\r\n\r\n" + smuggled, .contentLength),
    Attack("chunks from HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, .twoLengths),
    // Chunks.
    Attack("a chunk's size with LF alone", chunked + "0\n\n" + smuggled, .lineEnd),
    Attack("a chunk's size over 64 bits", chunked + "10000000000000000\r\n" + smuggled, .chunkSize),
    Attack("a chunk's size with 0x", chunked + "0x0\r\n\r\n" + smuggled, .chunkSize),
    Attack("a chunk longer than its size", chunked + "1\r\nab\r\n0\r\n\r\n" + smuggled, .chunkEnd),
    Attack("TERM.EXT: an extension with LF", chunked + "0;a\n" + smuggled, .lineEnd),
    Attack("a trailer that frames", chunked + "0\r\nContent-Length: 44\r\n\r\n" + smuggled, .trailer),
    Attack("a trailer that is no field", chunked + "0\r\n" + smuggled, .fieldName),
    // Lines.
    Attack("LF for CRLF", "GET / HTTP/1.1\nHost: a\n\n" + smuggled, .lineEnd),
    Attack("a folded Host", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n" + smuggled, .folding),
    Attack("a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n" + smuggled, .folding),
    Attack("NUL in a name", "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n" + smuggled, .fieldName),
    Attack("two empty lines in front", "\r\n\r\n" + smuggled, .requestLine),
    // Where it goes.
    Attack("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled, .host),
    Attack("a host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n" + smuggled, .host),
    Attack("a target with a user", "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled, .target),
    Attack("a target in authority form", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled, .target),
    Attack("a target with a blank", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n" + smuggled, .target),
    Attack("a tunnel", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" + smuggled, .connect),
    Attack("HTTP/0.9", "GET /\r\n" + smuggled, .requestLine),
    Attack("HTTP/2 in the clear, with another preface", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + smuggled, .version),
    Attack("another expectation", post + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n" + smuggled, .expectation),
    // What is taken, and what is not behind it.
    Attack(
      "TRACE is a method like any other", "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n\0" + smuggled,
      served: ["/a"], .requestLine),
    Attack(
      "an absolute target wins over Host", "GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n", served: ["/x"], nil),
    Attack(
      "dots and encoded slashes are left as they are",
      "GET /a/../b%2f..%2F%00;x HTTP/1.1\r\nHost: a\r\n\r\n", served: ["/a/../b%2f..%2F%00;x"], nil),
    Attack(
      "a body that looks like a request", post + "Content-Length: \(smuggled.utf8.count)\r\n\r\n" + smuggled, served: ["/"], nil),
    Attack(
      "nothing is read behind a close",
      "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + smuggled, served: ["/a"], nil),
  ]

  @Test(arguments: attacks)
  func isAnsweredLikeThis(_ attack: Attack) {
    for size in [1, 13, 1 << 20] {
      let exchange = HTTP1Exchange()
      exchange.onRequest = { request in request.onEnd = { [unowned request] in request.answer(status: 204) } }
      exchange.receive(attack.bytes, by: size)
      #expect(exchange.take() == attack.answer)
      #expect(exchange.requests.filter { $0.ends == 1 }.map(\.head.path) == attack.served)
      #expect(!exchange.requests.contains { $0.head.path == "/smuggled" })
    }
  }
}
