// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

@testable import AmaruSharedMemory

/// Calls between two ends in one process.
struct PeerTests {
  @Test func unaryCallGoesThereAndBack() throws {
    let pair = try PeerPair()
    let (user, from, took) = try (
      metadata("user", "ada"), metadata("from", "there"), metadata("took", "1")
    )
    let caller = try pair.call("add", user)
    try caller.stream?.write([1, 2])
    try caller.stream?.halfClose()
    try pair.exchange()
    let (head, handler) = try #require(pair.serverOwner.calls.first)
    #expect(head == CallHead(method: "add", metadata: user))
    #expect(try handler.takeAll() == [[1, 2]])
    #expect(handler.isHalfClosed && handler.arrivals == 1)
    try handler.stream?.writeHead(from)
    try handler.stream?.write([3])
    handler.stream?.finish(CallStatus(code: .ok, trailers: took))
    try pair.exchange()
    #expect(caller.head == from)
    #expect(try caller.takeAll() == [[3]])
    #expect(caller.status == CallStatus(code: .ok, trailers: took))
    #expect(pair.client.streamCount == 0 && pair.server.streamCount == 0)
    #expect(pair.clientOwner.ended == 1 && pair.serverOwner.ended == 1)
  }

  @Test func everyEmptyMessageArrives() throws {
    let pair = try PeerPair()
    let caller = try pair.call()
    for _ in 0..<3 { try caller.stream?.write([]) }
    try pair.exchange()
    #expect(try pair.serverOwner.calls[0].handler.takeAll() == [[], [], []])
  }

  @Test(arguments: [0, 1, 501, 502, 503, 2032, 2033, 4096, 4097, 50_000, 262_136, 262_137, 1 << 20])
  func messageOfAnySizeArrivesWholeInBothDirections(_ size: Int) throws {
    for classes in [[], PeerPair.smallLayout.slotClasses] {
      let pair = try PeerPair(layout: SegmentLayout(ringBytes: 4096, slotClasses: classes))
      let message = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
      let caller = try pair.call()
      try caller.stream?.write(message)
      try pair.exchange()
      let handler = pair.serverOwner.calls[0].handler
      #expect(try handler.takeAll() == [message])
      try handler.stream?.write(message)
      handler.stream?.finish(CallStatus(code: .ok))
      try pair.exchange()
      #expect(try caller.takeAll() == [message])
      #expect(caller.status?.code == .ok)
      #expect(pair.server.receiver.lentCount == 0 && pair.client.receiver.lentCount == 0)
    }
  }

  @Test func messageOneByteOverTheLimitOfThePeerIsNotSent() throws {
    let pair = try PeerPair(maxMessageBytes: 100)
    let caller = try pair.call()
    try caller.stream?.write([UInt8](repeating: 0, count: 100))
    #expect(throws: SharedMemoryError.tooLarge(bytes: 101, limit: 100)) {
      try caller.stream?.write([UInt8](repeating: 0, count: 101))
    }
    try pair.exchange()
    #expect(try pair.serverOwner.calls[0].handler.takeAll().map(\.count) == [100])
  }

  /// A peer that does not keep to what the handshake told it.
  @Test(arguments: [101, 3000, 5000])
  func messageOverTheLimitFailsItsCallAlone(_ size: Int) throws {
    let (near, far) = try PeerPair.connections(
      PeerPair.smallLayout, maxConcurrentCalls: 2, maxMessageBytes: 1 << 20)
    var limits = FrameLimits()
    let owners = (RecordingOwner(), RecordingOwner())
    let client = SharedMemoryPeer(near, limits: limits, maxConcurrentCalls: 0, owner: owners.0)
    limits.maxMessageBytes = 100
    let server = SharedMemoryPeer(far, limits: limits, maxConcurrentCalls: 2, owner: owners.1)
    let handlers = (RecordingHandler(), RecordingHandler())
    let large = try client.open(CallHead(method: "a"), handler: handlers.0)
    let small = try client.open(CallHead(method: "b"), handler: handlers.1)
    try large.write([UInt8](repeating: 0, count: size))
    try large.write([1])
    try small.write([UInt8](repeating: 0, count: 100))
    for _ in 0..<4 {
      try client.flush()
      _ = try server.process()
      try server.flush()
      _ = try client.process()
    }
    let stream = try #require(owners.1.calls[0].handler.stream)
    #expect(stream.hasMessage && owners.1.calls[0].handler.arrivals > 0)
    for _ in 0..<2 {
      do {
        _ = try stream.takeMessage()
        Issue.record("it was taken")
      } catch {
        guard case .tooLarge(let bytes, 100) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(bytes > 100 && bytes <= size)
      }
    }
    #expect(try owners.1.calls[1].handler.takeAll().map(\.count) == [100])
    #expect(server.receiver.lentCount == 0)
  }

  @Test func writerWaitsForCreditAndGoesOn() throws {
    let pair = try PeerPair(layout: SegmentLayout(ringBytes: 1 << 20, slotClasses: []))
    let caller = try pair.call()
    let stream = try #require(caller.stream)
    let chunk = [UInt8](repeating: 5, count: 1024)
    var written = 0
    while stream.hasRoom {
      try stream.write(chunk)
      written += 1
    }
    // The last one is kept: there was no credit for it.
    #expect(written == SharedMemoryPeer.initialCredit / 1032 + 2)
    try pair.exchange()
    #expect(!stream.hasRoom && caller.roomCalls == 0)
    let handler = pair.serverOwner.calls[0].handler
    #expect(handler.arrivals == written - 1)
    #expect(try handler.takeAll().count == written - 1)
    try pair.exchange()
    #expect(stream.hasRoom && caller.roomCalls == 1)
    #expect(try handler.takeAll() == [chunk])
  }

  @Test func fullRingsAndPoolsInBothDirectionsDoNotDeadlock() throws {
    let pair = try PeerPair()
    let message = [UInt8](repeating: 9, count: 40_000)
    var callers: [RecordingHandler] = []
    for _ in 0..<7 {
      let caller = try pair.call()
      callers.append(caller)
      for _ in 0..<3 { try caller.stream?.write(message) }
      try caller.stream?.halfClose()
    }
    // Nobody takes anything before all that can has come.
    try pair.exchange()
    #expect(pair.serverOwner.calls.count == 7)
    for call in pair.serverOwner.calls {
      for _ in 0..<3 { try call.handler.stream?.write(message) }
      call.handler.stream?.finish(CallStatus(code: .ok))
    }
    try pair.exchange()
    for caller in callers {
      #expect(try caller.takeAll() == [message, message, message])
      #expect(caller.status?.code == .ok)
    }
  }

  @Test func heldSlotsOfTheReceiverDoNotStopMessages() throws {
    let pair = try PeerPair()
    let caller = try pair.call()
    let message = [UInt8](repeating: 3, count: 4000)
    for _ in 0..<5 { try caller.stream?.write(message) }
    try pair.exchange()
    let stream = try #require(pair.serverOwner.calls[0].handler.stream)
    var held: [ReceivedMessage] = []
    while let next = try stream.takeMessage() { held.append(next) }
    #expect(pair.server.receiver.lentCount == 2)
    #expect(held.map { $0.copied() } == Array(repeating: message, count: 5))
    held = []
    #expect(pair.server.receiver.lentCount == 0)
  }

  @Test func filledSlotIsSentWithoutACopy() throws {
    let pair = try PeerPair()
    let caller = try pair.call()
    let slot = try #require(try pair.client.lendSlot(3000))
    slot.withBytes { $0.copyBytes(from: repeatElement(8, count: 3000)) }
    try caller.stream?.write(slot, count: 2999)
    #expect(throws: SharedMemoryError.self) { try caller.stream?.write(slot, count: 1) }
    let small = try #require(try pair.client.lendSlot(10))
    #expect(throws: SharedMemoryError.self) { try caller.stream?.write(small, count: 11) }
    try pair.exchange()
    let message = try #require(try pair.serverOwner.calls[0].handler.stream?.takeMessage())
    guard case .slot(let lent) = message else {
      Issue.record("it was copied")
      return
    }
    #expect(lent.count == 2999 && lent.withBytes { $0.allSatisfy { $0 == 8 } })
    // The peer's slots are its own.
    let foreign = try #require(try pair.server.lendSlot(10))
    #expect(throws: SharedMemoryError.self) { try caller.stream?.write(foreign, count: 1) }
  }

  @Test func slotThatIsNotSentGoesBack() throws {
    let pair = try PeerPair()
    for _ in 0..<5 {
      let first = try pair.client.lendSlot(1)
      let second = try pair.client.lendSlot(1)
      #expect(first != nil && second != nil)
      let third = try pair.client.lendSlot(1)
      #expect(third == nil)
      withExtendedLifetime((first, second)) {}
    }
    // Claimed and given up with its call.
    let caller = try pair.call()
    caller.stream?.credit = 0
    for _ in 0..<2 {
      let slot = try #require(try pair.client.lendSlot(1))
      try caller.stream?.write(slot, count: 1)
    }
    let none = try pair.client.lendSlot(1)
    #expect(none == nil)
    caller.stream?.cancel()
    let free = try pair.client.lendSlot(1)
    #expect(free != nil)
  }

  @Test func callerMayHaveAsManyCallsAsItWasTold() throws {
    let pair = try PeerPair(maxConcurrentCalls: 2)
    let first = try pair.call()
    _ = try pair.call()
    #expect(!pair.client.canOpen)
    #expect(throws: SharedMemoryError.tooLarge(bytes: 2, limit: 2)) { try pair.call() }
    try pair.exchange()
    pair.serverOwner.calls[0].handler.stream?.finish(CallStatus(code: .ok))
    try pair.exchange()
    #expect(pair.client.canOpen && first.status?.code == .ok)
    _ = try pair.call()
    try pair.exchange()
    #expect(pair.serverOwner.calls.count == 3)
  }

  @Test func cancelledCallEndsAtBothEndsAndItsLateMessagesAreDropped() throws {
    let pair = try PeerPair()
    let caller = try pair.call()
    try pair.exchange()
    let handler = pair.serverOwner.calls[0].handler
    // On their way when the caller gives up.
    for _ in 0..<2 { try handler.stream?.write([UInt8](repeating: 1, count: 4000)) }
    try pair.server.flush()
    caller.stream?.cancel()
    try pair.exchange()
    #expect(handler.wasCancelled && caller.arrivals == 0 && caller.status == nil)
    #expect(pair.client.streamCount == 0 && pair.server.streamCount == 0)
    #expect(pair.client.receiver.lentCount == 0)
    // And the other way: messages of the caller's that come after the status.
    let second = try pair.call()
    try pair.exchange()
    pair.serverOwner.calls[1].handler.stream?.finish(
      CallStatus(code: .aborted, message: "enough"))
    try pair.server.flush()
    for _ in 0..<2 { try second.stream?.write([UInt8](repeating: 1, count: 4000)) }
    try pair.exchange()
    #expect(second.status == CallStatus(code: .aborted, message: "enough"))
    #expect(pair.server.receiver.lentCount == 0)
  }

  @Test func statusThatDoesNotFitGoesWithoutItsTexts() throws {
    let pair = try PeerPair()
    let caller = try pair.call()
    try pair.exchange()
    pair.serverOwner.calls[0].handler.stream?.finish(
      CallStatus(code: .notFound, message: String(repeating: "x", count: 3000)))
    try pair.exchange()
    #expect(caller.status?.code == .notFound)
    #expect(caller.status?.message.contains("too large for shared memory") == true)
  }

  @Test func headThatDoesNotFitIsRefusedAndNothingIsLeft() throws {
    let pair = try PeerPair()
    let long = try metadata("long", String(repeating: "y", count: 3000))
    #expect(throws: SharedMemoryError.self) { try pair.call("x", long) }
    #expect(pair.client.streamCount == 0)
    let caller = try pair.call()
    try pair.exchange()
    #expect(pair.serverOwner.calls.count == 1 && caller.stream?.id == 1)
  }

  @Test func lostConnectionEndsEveryCallOnce() throws {
    let pair = try PeerPair()
    let callers = try (0..<3).map { _ in try pair.call() }
    pair.client.lose(.peerGone)
    pair.client.lose(.corrupted("later"))
    #expect(callers.allSatisfy { $0.error == .peerGone })
    #expect(pair.client.end == .peerGone && !pair.client.canOpen)
    #expect(throws: SharedMemoryError.peerGone) { try pair.call() }
    // What is left of the calls does nothing.
    try callers[0].stream?.write([1])
    callers[0].stream?.cancel()
    #expect(callers[0].stream?.hasMessage == false)
  }
}
