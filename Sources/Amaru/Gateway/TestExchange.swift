// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// One request of a ``TestClient`` and its response, on a connection of its own. Confined to its loop after the start.
final class TestExchange: ByteStreamHandler, @unchecked Sendable {
  private var request: ArraySlice<UInt8>
  private var response: [UInt8] = []
  private var continuation: CheckedContinuation<TestResponse, any Error>?
  private var socket: StreamSocket?

  init(
    _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]
  ) throws(TestClientError) {
    var head = "\(method) \(path) HTTP/1.1\r\n"
    for (name, value) in [("host", "test"), ("connection", "close")] + headers {
      head += "\(name): \(value)\r\n"
    }
    if !body.isEmpty { head += "content-length: \(body.count)\r\n" }
    let lines = 3 + headers.count + (body.isEmpty ? 0 : 1)
    guard head.utf8.count(where: { $0 == 0x0a }) == lines else {
      throw TestClientError("a line end in the method, the path or a header")
    }
    request = Array((head + "\r\n").utf8)[...] + body
  }

  /// Sends the request.
  func start(
    on socket: StreamSocket, _ continuation: CheckedContinuation<TestResponse, any Error>
  ) {
    self.socket = socket
    self.continuation = continuation
    socket.handler = self
    do throws(IOError) {
      try socket.start()
      socket.setNeedsFlush()
    } catch {
      socket.close()
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) { response += bytes }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let part = request.prefix(buffer.count)
    buffer.copyBytes(from: part)
    request = request.dropFirst(part.count)
    if !request.isEmpty { socket?.setNeedsFlush() }
    return part.count
  }

  var isDone: Bool { false }

  func closed() {
    socket?.handler = nil
    socket = nil
    continuation?.resume(with: Result { [response] in try TestResponse(response) })
    continuation = nil
  }
}
