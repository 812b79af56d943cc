// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Foundation
import Glibc

/// A server that does not speak HTTP/2.
struct PlainTextServer {
  private let listener: Int32

  /// Listens on `port`, and waits there on a thread of its own.
  init(port: UInt16) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    let listener = listener
    guard FreePort.withAddress(port, { bind(listener, $0, $1) }) == 0, listen(listener, 1) == 0
    else { throw NoConnection() }
    // A thread of its own, at once: the global pool may be busy.
    let server = self
    Thread.detachNewThread { server.answerOnce() }
  }

  /// Accepts one connection, answers with HTTP/1.1 and closes both. Blocks.
  private func answerOnce() {
    let connection = accept(listener, nil, nil)
    let answer = Array("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".utf8)
    _ = send(connection, answer, answer.count, 0)
    close(connection)
    close(listener)
  }
}
