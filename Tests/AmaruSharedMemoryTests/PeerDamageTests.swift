// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

@testable import AmaruSharedMemory

/// A peer that writes anything anywhere into the segment, at any time.
struct PeerDamageTests {
  /// Does what a driver does, and gives the connection up on the first error; whether it is still there.
  private static func turn(_ peer: SharedMemoryPeer) -> Bool {
    guard peer.end == nil else { return false }
    do {
      _ = try peer.process()
      try peer.flush()
      if try peer.park() { peer.unpark() }
      return true
    } catch {
      peer.lose(error)
      return false
    }
  }

  /// Nothing traps, and every call that was open ends once, with an answer or with the connection.
  @Test(arguments: 0..<300 as Range<UInt64>)
  func garbageEndsTheConnectionAndNothingElse(_ seed: UInt64) throws {
    var dice = Dice(state: seed)
    let pair = try PeerPair()
    pair.serverOwner.onCall = { stream in try? stream.writeHead(Metadata()) }
    var calls: [RecordingHandler] = []
    let segment = pair.client.connection.segment.everything
    for _ in 0..<40 {
      if pair.client.canOpen, dice.next() % 2 == 0, let call = try? pair.call() {
        calls.append(call)
        try? call.stream?.write([UInt8](repeating: 1, count: Int(dice.next() % 6000)))
        try? call.stream?.halfClose()
      }
      for _ in 0..<dice.next() % 3 {
        // The words of the rings more often than the rest.
        let limit = dice.next() % 2 == 0 ? 0x4000 : segment.count - 8
        let offset = Int(dice.next() % UInt64(limit / 8)) * 8
        let values: [UInt64] = [0, 1, .max, 0x8000_0000, dice.next() % 8192, dice.next()]
        segment.storeBytes(of: values[Int(dice.next() % 6)], toByteOffset: offset, as: UInt64.self)
      }
      _ = Self.turn(pair.server)
      for (_, handler) in pair.serverOwner.calls where handler.isHalfClosed {
        do {
          for message in try handler.takeAll() { try handler.stream?.write(message) }
          handler.stream?.finish(CallStatus(code: .ok))
        } catch {
          handler.stream?.finish(CallStatus(code: .internal))
        }
        handler.isHalfClosed = false
      }
      _ = Self.turn(pair.server)
      _ = Self.turn(pair.client)
    }
    pair.server.lose(.peerGone)
    pair.client.lose(.peerGone)
    for call in calls {
      #expect((call.status == nil) != (call.error == nil))
    }
    #expect(pair.client.streamCount == 0)
    #expect(pair.server.streamCount == 0)
  }
}
