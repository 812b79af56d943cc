// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Foundation
import Glibc

/// A server that sends the same bytes to its one connection, whatever it is asked.
struct FixedAnswerServer {
  /// What it does when it has answered.
  enum End { case closes, keepsSilent }

  private let listener: Int32

  /// Listens on `port`, and waits there on a thread of its own.
  init(port: UInt16, _ answer: [UInt8], then end: End = .closes) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    let listener = listener
    guard FreePort.withAddress(port, { bind(listener, $0, $1) }) == 0, listen(listener, 1) == 0
    else { throw NoConnection() }
    // A thread of its own, at once: the global pool may be busy.
    let server = self
    Thread.detachNewThread { server.answerOnce(answer, end) }
  }

  /// Accepts one connection, answers, reads to its end if it is not to be closed, and closes both. Blocks.
  private func answerOnce(_ answer: [UInt8], _ end: End) {
    let connection = accept(listener, nil, nil)
    _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    var buffer = [UInt8](repeating: 0, count: 4096)
    if end == .keepsSilent { while recv(connection, &buffer, buffer.count, 0) > 0 {} }
    close(connection)
    close(listener)
  }
}
