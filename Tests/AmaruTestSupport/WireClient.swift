// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A client over a real socket that sends only what it is told to, and blocks while it waits.
///
/// Its descriptor is not inherited: the process of an exit test needs its own.
package final class WireClient: @unchecked Sendable {
  package let peer = Peer()
  private var descriptor: Int32
  /// What stands between the socket and the frames; nil for nothing.
  package private(set) var tls: TLSWire?
  package var nextStream: UInt32 = 1
  /// Whether the server has closed the connection.
  package private(set) var isClosed = false
  /// What came over the connection, before it is taken for HTTP/2.
  package private(set) var raw: [UInt8] = []
  /// Whether window credit is returned for what came.
  package var returnsCredit = true
  /// Whether the server's pings are answered.
  package var answersPings = true

  /// Connects; nil when the server refuses.
  package init?(port: UInt16, receiveBufferBytes: Int32 = 0) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if receiveBufferBytes > 0 {
      var size = receiveBufferBytes
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var one: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    let descriptor = descriptor
    guard FreePort.withAddress(port, { connect(descriptor, $0, $1) }) == 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  /// Connects to a Unix socket; nil when nobody answers.
  package init?(path: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else {
      Glibc.close(descriptor)
      return nil
    }
  }

  /// The near end of a connection that was accepted.
  package init(accepted descriptor: Int32) { self.descriptor = descriptor }

  /// Shakes hands, and speaks TLS from here on; false when either side refuses.
  @discardableResult
  package func startTLS(_ tls: TLSWire = TLSWire()) -> Bool {
    while true {
      tls.step()
      send(tls.output())
      if tls.isOpen || tls.error != nil {
        self.tls = tls
        return tls.isOpen
      }
      guard let bytes = receive() else { return false }
      tls.put(bytes)
    }
  }

  deinit { close() }

  package func close() {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    descriptor = -1
  }

  /// Sends bytes; false when the server takes no more because the connection is gone.
  @discardableResult
  package func send(_ bytes: [UInt8]) -> Bool {
    var rest = (tls?.output(bytes) ?? bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  package func send(_ frames: Frame...) -> Bool { send(frames.flatMap(\.bytes)) }

  /// Sends what fits without waiting; gives how much did.
  package func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
    bytes.withUnsafeBytes {
      max(0, Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }
  }

  /// Sends the preface and SETTINGS.
  package func shakeHands(window: UInt32 = 65_535) {
    send(Frame.preface + Frame.initialWindow(window).bytes)
  }

  /// Whether bytes have come that nobody has read.
  package var hasBytes: Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
  }

  /// Waits for bytes as they are on the wire; nil when the connection is over.
  private func receive() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    isClosed = count <= 0
    return isClosed ? nil : Array(buffer[..<count])
  }

  /// Waits for bytes and takes note of their frames; false when the connection is over.
  @discardableResult
  package func read() -> Bool {
    guard !isClosed else { return false }
    // What came with the end of the handshake is there already.
    var plaintext = tls?.receive([]) ?? []
    if plaintext.isEmpty {
      guard let bytes = receive() else { return false }
      plaintext = tls?.receive(bytes) ?? bytes
    }
    raw += plaintext
    var sizes: [UInt32: UInt32] = [:]
    for frame in peer.receive(plaintext) {
      if frame.kind == .settings, frame.flags & Frame.ack == 0 { send(.settingsAck) }
      if answersPings, frame.kind == .ping, frame.flags & Frame.ack == 0 {
        send(Frame(.ping, flags: Frame.ack, frame.payload))
      }
      if frame.kind == .data { sizes[frame.stream, default: 0] += UInt32(frame.payload.count) }
    }
    if returnsCredit {
      let total = sizes.values.reduce(0, +)
      if total > 0 { send(.windowUpdate(0, total)) }
      for (stream, size) in sizes where size > 0 && !peer[stream].isOver {
        send(.windowUpdate(stream, size))
      }
    }
    return true
  }

  /// Reads until `condition` holds or the connection is over; gives whether it holds.
  @discardableResult
  package func read(until condition: (Peer) -> Bool) -> Bool {
    while !condition(peer) { if !read() { return condition(peer) } }
    return true
  }

  /// Reads until the server has closed the connection.
  package func readToEnd() { while read() {} }

  /// A round trip: what the server had to say before it has come afterwards.
  package func ping() {
    let count = peer.pongs.count
    send(.ping(UInt64(count)))
    read { $0.pongs.count > count }
  }

  /// Begins a call of the test service and gives its stream.
  package func begin(_ method: String, _ fields: [Field] = [], end: Bool = false) -> UInt32 {
    defer { nextStream += 2 }
    let path = method.hasPrefix("/") ? method : "/test.v1.Test/\(method)"
    send(.headers(nextStream, grpcFields(path, fields), end: end))
    return nextStream
  }

  /// Sends messages on a stream.
  package func message(_ stream: UInt32, _ texts: String..., end: Bool = false) {
    send(.data(stream, texts.flatMap { Envelope.bytes(Text($0).encoded()) }, end: end))
  }

  /// Sends a whole request, and reads until its response has ended.
  package func call(_ method: String, _ text: String, _ fields: [Field] = []) -> Peer.Stream {
    let stream = begin(method, fields)
    message(stream, text, end: true)
    read { $0[stream].isOver }
    return peer[stream]
  }
}

extension Peer.Stream {
  /// The messages as text.
  package var texts: [String] { messages.map { (try? Text(decoding: $0))?.value ?? "?" } }
}
