// SPDX-License-Identifier: Apache-2.0
@testable import AmaruHTTP

/// A server's HTTP/1.1 connection without a socket, driven as a server drives it.
final class HTTP1Exchange: HTTPServerOwner {
  /// A request that came in, and what came of it.
  final class Request: HTTPRequestHandler {
    let head: HTTPHead
    private(set) var stream: (any HTTPServerStream)?
    var body: [UInt8] = []
    /// The sizes of the pieces in which the body was handed over.
    var pieces: [Int] = []
    var ends = 0
    var overflows = 0
    var roomCount = 0
    /// Called when the whole body has come.
    var onEnd: () -> Void = {}
    var closures: [HTTPStreamClosure?] = []
    /// Whether credit is given at once for what comes.
    var givesCredit = true

    init(_ head: HTTPHead, _ stream: any HTTPServerStream) {
      self.head = head
      self.stream = stream
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
      body += bytes
      if !bytes.isEmpty { pieces.append(bytes.count) }
      if end { ends += 1 }
      if givesCredit { stream?.credit(bytes.count) }
      if end { onEnd() }
    }
    func roomAvailable() { roomCount += 1 }
    func overflow() { overflows += 1 }
    func closed(_ reason: HTTPStreamClosure?) {
      closures.append(reason)
      stream = nil
    }

    func send(_ text: String) { Array(text.utf8).withUnsafeBytes { stream?.sendBody($0) } }

    /// Sends a whole response.
    func answer(_ text: String = "", status: Int = 200, _ fields: [(String, String)] = []) {
      begin(status: status, fields)
      send(text)
      stream?.sendTrailers(HTTPFields())
    }

    func begin(status: Int = 200, _ fields: [(String, String)] = []) {
      stream?.sendHead(.of([(":status", String(status))] + fields), end: false)
    }
  }

  var requests: [Request] = []
  var onRequest: (Request) -> Void = { _ in }
  var now: UInt64 = 0
  /// Bytes that one call of `produce` may give.
  var outputBytes = 1 << 16
  private(set) var sent: [UInt8] = []
  private(set) var http: HTTP1Connection!

  init(_ limits: HTTPLimits = HTTPLimits(), date: HTTPDate? = nil) {
    http = HTTP1Connection(limits: limits, owner: self, scheme: "http", date: date, now: 0)
  }

  deinit { http.lost() }

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    let request = Request(head, stream)
    requests.append(request)
    onRequest(request)
    return request
  }

  func connectionHasOutput() {}

  /// What was sent since the last time.
  func take() -> String {
    defer { sent = [] }
    return String(decoding: sent, as: UTF8.self)
  }

  func receive(_ text: String) { receive(Array(text.utf8)) }

  func receive(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { http.receive($0, now: now) }
    pump()
  }

  /// Gives `text` in pieces of `size` bytes.
  func receive(_ text: String, by size: Int) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      receive(Array(rest.prefix(size)))
      rest = rest.dropFirst(size)
    }
  }

  /// Takes what the connection has to send, and lets it parse what it has kept.
  func pump() {
    var buffer = [UInt8](repeating: 0, count: outputBytes)
    while true {
      let count = buffer.withUnsafeMutableBytes { http.produce(into: $0) }
      sent += buffer[..<count]
      if count > 0 { continue }
      guard http.canResume else { return }
      http.resume(now: now)
    }
  }
}

extension HTTPFields {
  static func of(_ list: [(String, String)]) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in list { fields.add(name, value) }
    return fields
  }

  /// Each field in a line.
  var lines: [String] {
    var lines: [String] = []
    forEach { name, value in
      lines.append(String(decoding: name, as: UTF8.self) + ": " + String(decoding: value, as: UTF8.self))
    }
    return lines
  }
}
