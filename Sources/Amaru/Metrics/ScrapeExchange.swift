// SPDX-License-Identifier: Apache-2.0

/// The head of one request for metrics over HTTP/1.1, and its answer. Pure: bytes in, bytes out.
///
/// Made for scrapers only: the head has to come within ``maxHeadBytes``, a body is not read, and the connection ends
/// with the answer.
struct ScrapeExchange {
  /// Bytes of a request's head, with the empty line behind it.
  static let maxHeadBytes = 8 << 10

  private var head: [UInt8] = []
  /// What a scraper is given.
  private let text: () -> String

  init(text: @escaping () -> String) { self.text = text }

  /// Takes further bytes; gives the whole answer when there is one, after which nothing more may come.
  mutating func receive(_ bytes: some Collection<UInt8>) -> [UInt8]? {
    // The empty line may have begun with the last three bytes before.
    let start = max(0, head.count - 3)
    head += bytes.prefix(Self.maxHeadBytes + 1 - head.count)
    if let end = endOfHead(from: start) { return answer(Array(head[..<end])) }
    if head.count > Self.maxHeadBytes {
      return Self.response(431, "The head of the request is over \(Self.maxHeadBytes) bytes.")
    }
    return nil
  }

  /// Where the empty line is; nil when it has not come within the limit.
  private func endOfHead(from start: Int) -> Int? {
    let end: [UInt8] = Array("\r\n\r\n".utf8)
    guard head.count - start >= end.count else { return nil }
    return (start...head.count - end.count).first { index in
      index + end.count <= Self.maxHeadBytes && head[index..<index + end.count].elementsEqual(end)
    }
  }

  private func answer(_ head: [UInt8]) -> [UInt8] {
    // RFC 9112 2.2: a line ends with CR LF, and neither stands alone.
    let lines = String(decoding: head, as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    guard let first = lines.first, !lines.contains(where: Self.hasControls) else {
      return Self.response(400, "The head of the request is malformed.")
    }
    let words = first.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, !words.contains(where: \.isEmpty),
      words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0"
    else { return Self.response(400, "The request line is malformed.") }
    let names = lines.dropFirst().map { $0.prefix { $0 != ":" } }
    guard
      zip(names, lines.dropFirst()).allSatisfy({ name, line in
        name.utf8.count < line.utf8.count && !name.isEmpty && !name.contains(" ")
      })
    else { return Self.response(400, "A field of the request is malformed.") }
    // RFC 9112 3.2.
    let hosts = names.count { $0.lowercased() == "host" }
    guard hosts == 1 || (hosts == 0 && words[2] == "HTTP/1.0") else {
      return Self.response(400, "One Host field is wanted.")
    }
    guard Self.path(words[1]) == "/metrics" else {
      return Self.response(404, "Only /metrics is here.", isHead: words[0] == "HEAD")
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      return Self.response(405, "Use GET.", fields: "allow: GET, HEAD\r\n")
    }
    return Self.response(
      200, text(), type: OpenMetrics.contentType, isHead: words[0] == "HEAD")
  }

  private static func hasControls(_ line: Substring) -> Bool {
    line.utf8.contains { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }
  }

  /// The path of a target in origin or absolute form (RFC 9112 3.2), without its query.
  private static func path(_ target: Substring) -> Substring {
    var target = target
    if target.lowercased().hasPrefix("http://") {
      target = target.dropFirst("http://".count).drop { $0 != "/" }
    }
    return target.prefix { $0 != "?" }
  }

  private static func response(
    _ status: Int, _ body: String, type: String = "text/plain; charset=utf-8",
    fields: String = "", isHead: Bool = false
  ) -> [UInt8] {
    let reason =
      switch status {
      case 200: "OK"
      case 404: "Not Found"
      case 405: "Method Not Allowed"
      case 431: "Request Header Fields Too Large"
      default: "Bad Request"
      }
    let body = status == 200 ? body : body + "\n"
    let head =
      "HTTP/1.1 \(status) \(reason)\r\ncontent-type: \(type)\r\n"
      + "content-length: \(body.utf8.count)\r\n\(fields)connection: close\r\n\r\n"
    return Array(head.utf8) + (isHead ? [] : Array(body.utf8))
  }
}
