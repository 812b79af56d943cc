// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import AmaruTestSupport

/// A wire that keeps messages in an array.
final class ArrayCall: Call, @unchecked Sendable {
  var incoming: [[UInt8]] = []
  var outgoing: [Text] = []
  var statuses: [RPCError?] = []
  var room = Int.max
  private var taken: [UInt8] = []

  override func takeMessage() throws -> UnsafeRawBufferPointer? {
    guard !incoming.isEmpty else { return nil }
    taken = incoming.removeFirst()
    return taken.withUnsafeBytes { $0 }
  }
  override var hasRoom: Bool { outgoing.count < room }
  override func writeMessage(_ writer: inout BackWriter) {
    if let message = try? Text(decoding: writer.takeBytes()) { outgoing.append(message) }
  }
  override func writeStatus(_ error: RPCError?) { statuses.append(error) }
}
