// SPDX-License-Identifier: Apache-2.0
@testable import AmaruIO
@testable import AmaruTLS

/// What stands behind a stream in a test: keeps what comes, and has what it is told to send.
final class PlainEnd: ByteStreamHandler, TLSStreamOwner {
  private(set) var received: [UInt8] = []
  var toSend: [UInt8] = []
  var isDone = false
  private(set) var closedCount = 0
  private(set) var handshakes: [TLSHandshake] = []
  private(set) var errors: [String] = []
  private(set) var wishes = 0
  private(set) var wasAskedEarly = false

  func receive(_ bytes: UnsafeRawBufferPointer) {
    if handshakes.isEmpty { wasAskedEarly = true }
    received += bytes
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if handshakes.isEmpty { wasAskedEarly = true }
    let count = min(buffer.count, toSend.count)
    buffer.copyBytes(from: toSend[..<count])
    toSend.removeFirst(count)
    return count
  }

  func closed() { closedCount += 1 }
  func handshakeFinished(_ handshake: TLSHandshake) { handshakes.append(handshake) }
  func tlsFailed(_ error: TLSError) { errors.append("\(error)") }
  func tlsHasOutput() { wishes += 1 }
}
