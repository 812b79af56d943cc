// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport

@testable import AmaruHTTP

/// A server connection without a socket, and the peer that it talks to.
final class MemoryConnection: HTTPServerOwner {
  /// A request that came in, and what came of it.
  final class Request: HTTPRequestHandler {
    let head: HTTPHead
    // SAFETY: not kept beyond `closed`; the connection outlives the tests' use.
    private(set) var stream: (any HTTPServerStream)?
    var body: [UInt8] = []
    var ends = 0
    var overflows = 0
    var roomCount = 0
    var closures: [HTTPStreamClosure?] = []
    var onReceive: (Request, Int, Bool) -> Void = { _, _, _ in }

    init(_ head: HTTPHead, _ stream: any HTTPServerStream) {
      self.head = head
      self.stream = stream
    }

    func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
      body += bytes
      if end { ends += 1 }
      onReceive(self, bytes.count, end)
    }
    func roomAvailable() { roomCount += 1 }
    func overflow() { overflows += 1 }
    func closed(_ reason: HTTPStreamClosure?) {
      closures.append(reason)
      stream = nil
    }

    func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { stream?.sendBody($0) } }
  }

  let peer = Peer()
  var requests: [Request] = []
  var onRequest: (Request) -> Void = { _ in }
  var now: UInt64 = 0
  var outputNotices = 0
  private(set) var http: HTTP2Connection!
  /// Bytes that one call of `produce` may give.
  var outputBytes = 1 << 16

  init(_ limits: HTTPLimits = HTTPLimits()) {
    http = HTTP2Connection(limits: limits, memory: SessionMemory(), owner: self, now: 0)
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

  func connectionHasOutput() { outputNotices += 1 }

  /// Gives bytes to the connection, and what it answers to the peer.
  func receive(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { http.receive($0, now: now) }
    pump()
  }

  func receive(_ frames: Frame...) { receive(frames.flatMap(\.bytes)) }

  /// Gives bytes to the connection and leaves the answer there.
  func receiveOnly(_ frames: [Frame]) {
    frames.flatMap(\.bytes).withUnsafeBytes { http.receive($0, now: now) }
  }

  /// Moves to the peer what the connection has to send.
  func pump() {
    var buffer = [UInt8](repeating: 0, count: outputBytes)
    while true {
      let count = buffer.withUnsafeMutableBytes { http.produce(into: $0) }
      if count == 0 { return }
      peer.receive(Array(buffer[..<count]))
    }
  }

  /// A connection that has shaken hands.
  static func open(
    _ limits: HTTPLimits = HTTPLimits(), settings: [(UInt16, UInt32)] = []
  ) -> MemoryConnection {
    let connection = MemoryConnection(limits)
    connection.receive(Frame.preface + Frame.settings(settings).bytes)
    connection.receive(.settingsAck)
    return connection
  }
}

/// A response's head and trailers.
func fieldList(_ fields: [Field]) -> HTTPFields {
  var list = HTTPFields()
  for field in fields { list.add(field.name, field.value) }
  return list
}

extension HTTPFields {
  var list: [Field] {
    var fields: [Field] = []
    forEach { name, value in
      fields.append(
        Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return fields
  }
}
