// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruSharedMemory

/// Waits until a descriptor is readable; false when nothing has come in a time that suffices anywhere.
func isReadable(_ descriptor: Descriptor) -> Bool {
  var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
  return poll(&entry, 1, 60_000) == 1
}

/// A service of its own for each test.
struct TestService {
  static let limits = PeerLimits(maxMessageBytes: 1 << 20, maxConcurrentCalls: 7)
  static let layout = try! SegmentLayout(
    ringBytes: 4096, slotClasses: [SlotClass(slotBytes: 4096, slotCount: 2)])

  let name: ServiceName
  let listener: SharedMemoryListener

  init(maxSegmentBytes: Int = 1 << 20, user: UInt32 = geteuid()) throws {
    name = try ServiceName("test-\(getpid())-\(UInt32.random(in: 0 ... .max))")
    listener = try SharedMemoryListener(name, Self.limits, maxSegmentBytes, user: user)
  }

  func accept() throws -> PendingPeer {
    #expect(isReadable(listener.descriptor))
    return try #require(try listener.accept())
  }

  func connect(
    _ hello: HandshakePacket = HandshakePacket(limits: limits), user: UInt32 = geteuid()
  ) throws -> PendingConnection {
    try PendingConnection(name, Segment(Self.layout), hello, user: user)
  }
}

@Suite(.ownThread)
struct HandshakeTests {
  @Test func bothEndsShareRingsAndDoorbells() throws {
    let service = try TestService()
    #expect(try service.listener.accept() == nil)
    let connecting = try PendingConnection(
      service.name, layout: TestService.layout,
      limits: PeerLimits(maxMessageBytes: 99, maxConcurrentCalls: 0))
    #expect(try connecting.receive() == nil)
    let server = try #require(try service.accept().receive())
    let client = try #require(try connecting.receive())
    #expect(server.peerLimits == PeerLimits(maxMessageBytes: 99, maxConcurrentCalls: 0))
    #expect(client.peerLimits == TestService.limits)
    for (from, to) in [(client, server), (server, client)] {
      var writer = RingWriter(from.segment, from.outgoing)
      var reader = RingReader(to.segment, to.incoming)
      #expect(try reader.park())
      let body: [UInt8] = [1, 2, 3]
      _ = try writer.append(kind: 1, body.span.bytes)
      #expect(writer.publish() == true)
      from.peerDoorbell.ring()
      #expect(isReadable(to.doorbell.descriptor))
      #expect(try reader.next()?.length == 3)
    }
    #expect(!client.isPeerGone && !server.isPeerGone)
  }

  @Test func helloComesInItsOwnTime() throws {
    let service = try TestService()
    let connecting = try service.connect()
    let peer = try service.accept()
    #expect(try peer.receive() != nil)
    #expect(isReadable(connecting.socket.descriptor))
  }

  @Test func closedSocketIsSeen() throws {
    let service = try TestService()
    let connecting = try service.connect()
    var server = try service.accept().receive()
    let client = try #require(try connecting.receive())
    #expect(server != nil && !client.isPeerGone)
    server = nil
    #expect(client.isPeerGone)
  }

  @Test func nameWithoutAListenerIsNamed() throws {
    let name = try ServiceName("nobody-\(getpid())")
    #expect(throws: SharedMemoryError.noService(name: name.description)) {
      try PendingConnection(name, layout: TestService.layout, limits: TestService.limits)
    }
  }

  @Test func nameHasOneListenerAndIsFreeAfterIt() throws {
    let name = try ServiceName("once-\(getpid())")
    var first: SharedMemoryListener? = try SharedMemoryListener(name, limits: TestService.limits)
    #expect(throws: SharedMemoryError.nameInUse(name: name.description)) {
      try SharedMemoryListener(name, limits: TestService.limits)
    }
    #expect(first != nil)
    first = nil
    // A child that another test has just forked holds the socket until it runs its own program.
    while (try? SharedMemoryListener(name, limits: TestService.limits)) == nil { sched_yield() }
  }

  @Test func otherUsersAreRefusedByBothEnds() throws {
    let service = try TestService(user: geteuid() + 1)
    let connecting = try service.connect()
    let peer = try service.accept()
    #expect(throws: SharedMemoryError.foreignUser(geteuid())) { try peer.receive() }
    let error = #expect(throws: SharedMemoryError.self) { try connecting.receive() }
    #expect(error?.description.contains("another user") == true)
    #expect(throws: SharedMemoryError.foreignUser(geteuid())) {
      try service.connect(user: geteuid() + 1)
    }
  }

  @Test func otherVersionIsNamedAtBothEnds() throws {
    let service = try TestService()
    let connecting = try service.connect(HandshakePacket(version: 2, limits: TestService.limits))
    let peer = try service.accept()
    #expect(throws: SharedMemoryError.versionMismatch(peer: 2, own: 1)) { try peer.receive() }
    let error = #expect(throws: SharedMemoryError.self) { try connecting.receive() }
    guard case .refused(.version, let text) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.contains("version 2") && text.contains("version 1"))
    var newer = HandshakePacket(limits: TestService.limits).bytes
    newer[8] = 9
    #expect(throws: SharedMemoryError.versionMismatch(peer: 9, own: 1)) {
      try HandshakePacket(newer)
    }
  }

  @Test func segmentOneByteOverTheLimitIsRefused() throws {
    let total = TestService.layout.totalBytes
    let enough = try TestService(maxSegmentBytes: total)
    let taken = try enough.connect()
    #expect(try enough.accept().receive() != nil)
    #expect(try taken.receive() != nil)
    let service = try TestService(maxSegmentBytes: total - 1)
    let connecting = try service.connect()
    let peer = try service.accept()
    #expect(throws: SharedMemoryError.self) { try peer.receive() }
    let error = #expect(throws: SharedMemoryError.self) { try connecting.receive() }
    guard case .refused(.segment, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func wrongDescriptorsAreRefused() throws {
    let segment = try Segment(TestService.layout)
    let memory = segment.descriptor
    let bell = try Doorbell().descriptor
    let process = try SharedMemoryConnection.ownProcess()
    let wrong: [[Descriptor]] = [
      [], [memory], [memory, bell], [memory, bell, bell], [memory, process, process],
      [bell, bell, process], [memory, memory, process], [memory, bell, process, process],
    ]
    for descriptors in wrong {
      try isRefused(HandshakePacket(limits: TestService.limits).bytes, descriptors)
    }
  }

  @Test func malformedHellosAreRefused() throws {
    let hello = HandshakePacket(limits: TestService.limits).bytes
    var otherMagic = hello
    otherMagic[0] ^= 1
    var refusing = hello
    refusing[12] = 1
    let tooLong = hello + [UInt8](repeating: 0, count: HandshakePacket.maxBytes)
    for bytes in [[1], Array(hello.dropLast()), hello + [0], otherMagic, refusing, tooLong] {
      try isRefused(bytes, [])
    }
  }

  /// A hello is refused, and its sender told so.
  private func isRefused(_ bytes: [UInt8], _ descriptors: [Descriptor]) throws {
    let service = try TestService()
    let socket = try PacketSocket(to: service.name)
    try socket.send(bytes, descriptors)
    let peer = try service.accept()
    #expect(throws: SharedMemoryError.self) { try peer.receive() }
    let answer = try #require(try socket.receive(HandshakePacket.maxBytes))
    #expect(answer.descriptors.isEmpty)
    #expect(try HandshakePacket(answer.bytes).refusal != nil)
  }

  @Test func refusedDescriptorsAreClosed() throws {
    /// The open segments of this process.
    func openCount() -> Int {
      (0..<4096).count { number in
        var target = [CChar](repeating: 0, count: 32)
        let count = readlink("/proc/self/fd/\(number)", &target, target.count)
        let text = target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self).hasPrefix("/memfd:amaru")
      }
    }
    let before = openCount()
    for _ in 0..<40 { try wrongDescriptorsAreRefused() }
    // Each time six would be left; other tests have a few of their own meanwhile.
    #expect(openCount() < before + 100)
  }

  @Test func textOfARefusalIsCutToTheLimit() throws {
    let long = String(repeating: "é", count: 200)
    let packet = HandshakePacket(refusal: .busy, limits: TestService.limits, text: long)
    #expect(packet.bytes.count == HandshakePacket.maxBytes)
    #expect(try HandshakePacket(packet.bytes).text.count == 128)
  }

  @Test func namesAreHeldToTheirForm() throws {
    let long = String(repeating: "a", count: 64)
    for name in ["a", "calculator", "a.b_c-9", long] { _ = try ServiceName(name) }
    for name in ["", long + "a", ".a", "-a", "a/b", "a b", "ü", "a\0"] {
      #expect(throws: SharedMemoryError.self) { try ServiceName(name) }
    }
    #expect(try ServiceName("calculator").abstract == "amaru/\(geteuid())/calculator")
  }
}
