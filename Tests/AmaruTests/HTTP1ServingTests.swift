// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Glibc
import Testing

/// HTTP/1.1 over a real socket, beside HTTP/2 on the same port.
struct HTTP1ServingTests {
  private static let get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"

  private static func connect(_ port: UInt16) throws -> WireClient {
    guard let client = WireClient(port: port) else { throw NoConnection() }
    return client
  }

  private static func text(_ client: WireClient) -> String {
    String(decoding: client.raw, as: UTF8.self)
  }

  /// The status of each answer.
  private static func statuses(_ client: WireClient) -> [String] {
    text(client).split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
  }

  /// Whether `text` ends with a whole answer, whose length is right.
  private static func isWhole(_ text: String) -> Bool {
    let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
    return parts.count == 2
      && parts[0].split(separator: "\r\n").contains("content-length: \(parts[1].utf8.count)")
  }

  @Test(arguments: [
    "POST /test.v1.Test/Unary HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n",
    "POST /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: application/grpc+proto; x\r\n\r\n",
    "GET / HTTP/1.2\r\nhost: a\r\n\r\n", "PRI / HTTP/2.0\r\n\r\n",
  ])
  func whatNeedsAnotherVersionIsToldSo(_ request: String) async throws {
    try await withServer { _, port in
      let client = try Self.connect(port)
      client.send(Array(request.utf8))
      client.readToEnd()
      let text = Self.text(client)
      #expect(text.hasPrefix("HTTP/1.1 505 HTTP Version Not Supported\r\n"))
      #expect(text.contains("\r\nconnection: close\r\n"))
      #expect(text.contains("HTTP/2"))
      #expect(Self.isWhole(text))
    }
  }

  @Test(arguments: [
    "\u{16}\u{03}\u{01}", "nonsense\r\n", "POST /a HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nhost : a\r\n\r\n",
    "PRI * HTTP/1.1\r\n\r\n",
  ])
  func whatIsNotHTTPIsAnsweredInTextAndClosed(_ request: String) async throws {
    try await withServer { _, port in
      let client = try Self.connect(port)
      client.send(Array(request.utf8))
      client.readToEnd()
      let text = Self.text(client)
      #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(Self.isWhole(text))
    }
  }

  @Test func aConnectionServesOneRequestAfterAnother() async throws {
    try await withServer { _, port in
      let client = try Self.connect(port)
      var length = 0
      for number in 1...3 {
        // A body that nobody wants does not harm the next request.
        client.send(
          Array("POST /\(number) HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n".utf8))
        for byte in "3\r\nabc\r\n0\r\n\r\n".utf8 { client.send([byte]) }
        while !Self.isWhole(String(Self.text(client).dropFirst(length))) { if !client.read() { break } }
        let text = String(Self.text(client).dropFirst(length))
        length += text.count
        #expect(text.hasPrefix("HTTP/1.1 415 Unsupported Media Type\r\ndate: "))
        #expect(!text.contains("connection:"))
      }
      #expect(!client.isClosed)
    }
  }

  @Test func aClientThatSendsWithoutReadingIsServedInOrder() async throws {
    try await withServer { _, port in
      let client = try Self.connect(port)
      let count = 10_000
      let requests = (0..<count).map { "\($0 % 3 == 0 ? "HEAD" : "GET") /\($0) HTTP/1.1\r\nhost: a\r\n\r\n" }
      var rest = Array((requests.joined() + "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").utf8)[...]
      while !rest.isEmpty {
        let sent = client.sendWithoutWaiting(Array(rest.prefix(1 << 16)))
        rest = rest.dropFirst(sent)
        if sent == 0, !client.read() { break }
      }
      client.readToEnd()
      let answers = Self.text(client).split(separator: "HTTP/1.1 ")
      #expect(answers.count == count + 1)
      #expect(answers.allSatisfy { $0.hasPrefix("415 ") })
      let bodies = answers.dropLast().map { !$0.hasSuffix("\r\n\r\n") }
      #expect(bodies == (0..<count).map { $0 % 3 != 0 })
      #expect(answers.last?.contains("connection: close") == true)
    }
  }

  @Test func bothVersionsAreServedOnOnePort() async throws {
    try await withServer { _, port in
      let old = try Self.connect(port)
      let new = try client(port)
      old.send(Array(Self.get.utf8))
      #expect(new.call("Unary", "hello").texts == ["hello"])
      while !Self.isWhole(Self.text(old)) { if !old.read() { break } }
      #expect(Self.text(old).hasPrefix("HTTP/1.1 415 "))
    }
  }

  @Test(arguments: ["G", "GET / HTTP/1.1\r\nhost:", "POST / HTTP/1.1\r\n"])
  func aSlowHeadIsTimedOut(_ head: String) async throws {
    try await withServer(.echo, { $0.limits.headerTimeout = .milliseconds(50) }) { _, port in
      let client = try Self.connect(port)
      client.send(Array(Self.get.utf8))
      while !Self.isWhole(Self.text(client)) { if !client.read() { break } }
      client.send(Array(head.utf8))
      client.readToEnd()
      #expect(Self.statuses(client) == ["415", "408"])
    }
    let answers = Notes<[String]>()
    // On a slow machine the head may come too late to be begun: longer, then.
    var patience = 25
    while answers.all.last?.isEmpty ?? true {
      patience *= 2
      try await withServer(.echo, { $0.limits.handshakeTimeout = .milliseconds(patience) }) {
        _, port in
        let client = try Self.connect(port)
        client.send(Array(head.utf8))
        client.readToEnd()
        answers.add(Self.statuses(client))
      }
    }
    #expect(answers.all.last == ["408"])
  }

  @Test func aSlowBodyIsTimedOut() async throws {
    try await withServer(.echo, { $0.limits.writeStallTimeout = .milliseconds(50) }) { _, port in
      let client = try Self.connect(port)
      client.send(Array("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n123".utf8))
      client.readToEnd()
      #expect(Self.statuses(client) == ["415"])
    }
  }

  @Test func anIdleConnectionIsClosedWithoutAWord() async throws {
    try await withServer(.echo, { $0.limits.idleTimeout = .milliseconds(50) }) { _, port in
      let client = try Self.connect(port)
      client.send(Array(Self.get.utf8))
      client.readToEnd()
      #expect(Self.isWhole(Self.text(client)))
    }
    try await withServer(.echo, { $0.limits.handshakeTimeout = .milliseconds(50) }) { _, port in
      let client = try Self.connect(port)
      client.readToEnd()
      #expect(client.raw.isEmpty)
    }
  }

  @Test func anOpenConnectionDoesNotHoldUpAShutdown() async throws {
    try await withServer { server, port in
      let client = try Self.connect(port)
      client.send(Array(Self.get.utf8))
      while !Self.isWhole(Self.text(client)) { if !client.read() { break } }
      Task.detached { await server.shutdown(grace: .seconds(1000)) }
      client.readToEnd()
      #expect(Self.isWhole(Self.text(client)))
    }
  }
}
