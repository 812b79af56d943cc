// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// Reads bytes as a server's HTTP/1.1 connection does, and keeps what it finds. Each request is answered when it is
/// whole.
final class RequestReader: HTTPServerOwner {
  private final class Request: HTTPRequestHandler {
    let head: HTTPHead
    let stream: any HTTPServerStream
    var body: [UInt8] = []
    var isWhole = false

    init(_ head: HTTPHead, _ stream: any HTTPServerStream) {
      self.head = head
      self.stream = stream
    }

    func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
      body += bytes
      stream.credit(bytes.count)
      guard end else { return }
      isWhole = true
      var fields = HTTPFields()
      fields.add(":status", "200")
      stream.sendHead(fields, end: true)
    }
    func roomAvailable() {}
    func overflow() {}
    func closed(_ reason: HTTPStreamClosure?) {}
  }

  private var requests: [Request] = []
  private var sent: [UInt8] = []
  private var connection: HTTP1Connection!

  private init() {
    connection = HTTP1Connection(
      limits: HTTPLimits(), owner: self, scheme: "http", date: nil, now: 0)
  }

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    let request = Request(head, stream)
    requests.append(request)
    return request
  }

  func connectionHasOutput() {}

  /// What is found in `bytes`, when they come at once and when they come one by one.
  static func read(_ bytes: [UInt8]) -> Reading {
    let whole = RequestReader()
    whole.receive(bytes[...])
    let pieces = RequestReader()
    for index in bytes.indices { pieces.receive(bytes[index...index]) }
    var reading = whole.end()
    reading.differsInPieces = reading.whole != pieces.end().whole
    return reading
  }

  private func receive(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { connection.receive($0, now: 0) }
    var buffer = [UInt8](repeating: 0, count: 1 << 12)
    while true {
      let count = buffer.withUnsafeMutableBytes { connection.produce(into: $0) }
      sent += buffer[..<count]
      if count > 0 { continue }
      guard connection.canResume else { return }
      connection.resume(now: 0)
    }
  }

  private func end() -> Reading {
    connection.lost()
    var reading = Reading()
    reading.requests = requests.map { request in
      .with { read in
        read.method = Array(request.head.method.utf8)
        read.target = Array(request.head.path.utf8)
        read.authority = Array(request.head.authority.utf8)
        read.body = request.body
        read.isWhole = request.isWhole
        request.head.fields.forEach { name, value in
          guard name.first != UInt8(ascii: ":") else { return }
          read.fields.append(
            .with {
              $0.name = Array(name)
              $0.value = Array(value)
            })
        }
      }
    }
    // A whole request is answered with 200; what else is said is a refusal.
    let lines = String(decoding: sent, as: UTF8.self).split(separator: "\r\n")
    for line in lines where line.hasPrefix("HTTP/1.1 ") {
      if let status = Int32(line.dropFirst(9).prefix(3)), status > 200 { reading.status = status }
    }
    return reading
  }
}

extension Reading {
  /// What a handler may rely on: not how much came of a body that is not whole.
  fileprivate var whole: Reading {
    var reading = self
    for index in reading.requests.indices where !reading.requests[index].isWhole {
      reading.requests[index].body = []
    }
    return reading
  }
}
