// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

@testable import AmaruSharedMemory

/// What happened to one call, for tests to look at.
final class RecordingHandler: SharedMemoryStreamHandler {
  var stream: SharedMemoryStream?
  var arrivals = 0
  var isHalfClosed = false
  var wasCancelled = false
  var head: Metadata?
  var status: CallStatus?
  var roomCalls = 0
  var error: SharedMemoryError?

  func streamHasMessage() { arrivals += 1 }
  func halfClosed() { isHalfClosed = true }
  func cancelled() { wasCancelled = true }
  func headArrived(_ metadata: Metadata) { head = metadata }
  func statusArrived(_ status: CallStatus) { self.status = status }
  func roomAvailable() { roomCalls += 1 }
  func lost(_ error: SharedMemoryError) { self.error = error }

  /// All messages that can be taken now.
  func takeAll() throws -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let message = try stream?.takeMessage() { all.append(message.copied()) }
    return all
  }
}

/// An end that keeps what it is told.
final class RecordingOwner: SharedMemoryPeerOwner {
  var calls: [(head: CallHead, handler: RecordingHandler)] = []
  var ended = 0
  var hasOutput = false
  /// Called when a call begins.
  var onCall: ((SharedMemoryStream) -> Void)?

  func callBegan(
    _ head: CallHead, on stream: SharedMemoryStream
  ) -> any SharedMemoryStreamHandler {
    let handler = RecordingHandler()
    handler.stream = stream
    calls.append((head, handler))
    onCall?(stream)
    return handler
  }

  func peerHasOutput() { hasOutput = true }
  func streamEnded() { ended += 1 }
}

/// Both ends of a connection in one process, driven by hand.
struct PeerPair {
  static let smallLayout = try! SegmentLayout(
    ringBytes: 4096, slotClasses: [SlotClass(slotBytes: 4096, slotCount: 2)])

  let client: SharedMemoryPeer
  let server: SharedMemoryPeer
  let clientOwner = RecordingOwner()
  let serverOwner = RecordingOwner()

  init(
    layout: SegmentLayout = smallLayout, maxConcurrentCalls: Int = 7, maxMessageBytes: Int = 1 << 20
  ) throws {
    let (near, far) = try Self.connections(
      layout, maxConcurrentCalls: maxConcurrentCalls, maxMessageBytes: maxMessageBytes)
    var limits = FrameLimits()
    limits.maxMessageBytes = maxMessageBytes
    client = SharedMemoryPeer(near, limits: limits, maxConcurrentCalls: 0, owner: clientOwner)
    server = SharedMemoryPeer(
      far, limits: limits, maxConcurrentCalls: maxConcurrentCalls, owner: serverOwner)
  }

  /// The two ends of a connection that was made by a handshake.
  static func connections(
    _ layout: SegmentLayout, maxConcurrentCalls: Int, maxMessageBytes: Int
  ) throws -> (SharedMemoryConnection, SharedMemoryConnection) {
    let limits = PeerLimits(
      maxMessageBytes: UInt64(maxMessageBytes), maxConcurrentCalls: UInt32(maxConcurrentCalls))
    let name = try ServiceName("pair-\(UInt64.random(in: 0 ... .max))")
    let listener = try SharedMemoryListener(name, limits: limits)
    let connecting = try PendingConnection(name, layout: layout, limits: limits)
    let accepted = try #require(try listener.accept())
    let server = try #require(try accepted.receive())
    return (try #require(try connecting.receive()), server)
  }

  /// Lets each end take and send until neither has anything to do; as often as it takes at most `rounds` times.
  func exchange(rounds: Int = 10_000) throws {
    for _ in 0..<rounds {
      var isIdle = true
      for peer in [client, server] where peer.end == nil {
        _ = try peer.process()
        try peer.flush()
      }
      for peer in [client, server] where peer.end == nil {
        if try !peer.park() { isIdle = false }
        peer.unpark()
      }
      if isIdle { return }
    }
    Issue.record("the two ends never came to rest")
  }

  /// Begins a call, with a handler that records.
  func call(_ method: String = "add", _ metadata: Metadata = Metadata()) throws -> RecordingHandler {
    let handler = RecordingHandler()
    handler.stream = try client.open(
      CallHead(method: method, metadata: metadata), handler: handler)
    return handler
  }
}

extension SharedMemoryStream {
  func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }
}

/// Metadata of one entry.
func metadata(_ name: String, _ value: String) throws -> Metadata {
  var metadata = Metadata()
  try metadata.add(name, value)
  return metadata
}
