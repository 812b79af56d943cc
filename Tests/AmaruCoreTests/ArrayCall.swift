// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import AmaruTestSupport

/// A wire that keeps messages in an array.
final class ArrayCall: ServerCall, @unchecked Sendable {
  var incoming: [[UInt8]] = []
  var outgoing: [Text] = []
  var statuses: [RPCError?] = []
  /// How many messages may be written before there is no room.
  var room = Int.max {
    didSet { if outgoing.count >= room { roomExhausted() } }
  }
  private var taken: [UInt8] = []

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard !incoming.isEmpty else { return nil }
    taken = incoming.removeFirst()
    return taken.withUnsafeBytes { $0 }
  }
  override func writeMessage(_ writer: inout BackWriter) {
    if let message = try? Text(decoding: writer.takeBytes()) { outgoing.append(message) }
    if outgoing.count >= room { roomExhausted() }
  }
  override func writeStatus(_ error: RPCError?) { statuses.append(error) }
}
