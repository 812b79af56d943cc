// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruSharedMemory

/// Real processes that die at any point of a connection.
@Suite(.ownThread)
struct ProcessTests {
  /// How far a process gets before it kills itself.
  enum Point: Int, CaseIterable, Codable, Sendable {
    case beforeTheHello, beforeTheAnswer, connected, insideABatch, published
  }

  @Test(arguments: Point.allCases)
  func deathOfTheConnectingProcessIsSeenAndLeavesNothing(_ point: Point) async throws {
    let service = try TestService()
    let name = service.name.description
    let before = try Self.names()
    async let child: ExitTest.Result? = #expect(
      processExitsWith: .signal(SIGKILL)
    ) { [name = name as String, point = point as Point] in
      try Self.die(at: point, as: ServiceName(name))
    }
    try await onThread { try Self.serve(service, until: point) }
    #expect(await child != nil)
    #expect(try Self.names() == before)
  }

  /// The listener's part: everything that the process did before it died is there, and its death is seen.
  private static func serve(_ service: TestService, until point: Point) throws {
    let peer = try service.accept()
    guard point != .beforeTheHello else {
      #expect(isReadable(peer.socket.descriptor))
      #expect(throws: SharedMemoryError.peerGone) { try peer.receive() }
      return
    }
    #expect(isReadable(peer.socket.descriptor))
    let received: SharedMemoryConnection?
    do throws(SharedMemoryError) {
      received = try peer.receive()
    } catch {
      guard point == .beforeTheAnswer else { throw error }
      // It died before it could be answered.
      #expect(error == .peerGone)
      return
    }
    let connection = try #require(received)
    #expect(isReadable(connection.peerProcess))
    #expect(connection.isPeerGone)
    var reader = RingReader(connection.segment, .request)
    let first = try reader.next()
    #expect((first != nil) == (point == .published))
  }

  /// The connecting process's part.
  private static func die(at point: Point, as name: ServiceName) throws {
    if point == .beforeTheHello {
      let socket = try PacketSocket(to: name)
      withExtendedLifetime(socket) { _ = kill(getpid(), SIGKILL) }
    }
    let connecting = try PendingConnection(
      name, layout: TestService.layout, limits: TestService.limits)
    if point == .beforeTheAnswer { kill(getpid(), SIGKILL) }
    guard isReadable(connecting.socket.descriptor), let connection = try connecting.receive() else {
      return
    }
    if point == .connected { kill(getpid(), SIGKILL) }
    var writer = RingWriter(connection.segment, connection.outgoing)
    let body: [UInt8] = [1, 2, 3]
    guard try writer.append(kind: 1, body.span.bytes) else { return }
    if point == .insideABatch { kill(getpid(), SIGKILL) }
    if writer.publish() { connection.peerDoorbell.ring() }
    kill(getpid(), SIGKILL)
  }

  @Test func deathOfTheListenerFreesItsNameAndIsSeen() async throws {
    let start = try TestService()
    let startName = start.name.description
    let name = "\(startName)-2"
    async let child: ExitTest.Result? = #expect(
      processExitsWith: .signal(SIGKILL)
    ) { [name = name as String, startName = startName as String] in
      try Self.listenAndDie(as: ServiceName(name), startAt: ServiceName(startName))
    }
    try await onThread {
      _ = try start.accept()
      let connecting = try PendingConnection(
        ServiceName(name), layout: TestService.layout, limits: TestService.limits)
      #expect(isReadable(connecting.socket.descriptor))
      let connection = try #require(try connecting.receive())
      #expect(!connection.isPeerGone)
      connection.peerDoorbell.ring()
      #expect(isReadable(connection.peerProcess))
      #expect(connection.isPeerGone)
    }
    #expect(await child != nil)
    _ = try SharedMemoryListener(ServiceName(name), limits: TestService.limits)
  }

  /// The listening process's part: it tells that it listens by connecting to `start`, and dies when its
  /// doorbell is rung.
  private static func listenAndDie(as name: ServiceName, startAt start: ServiceName) throws {
    let listener = try SharedMemoryListener(name, limits: TestService.limits)
    let started = try PacketSocket(to: start)
    guard isReadable(listener.descriptor), let peer = try listener.accept(),
      isReadable(peer.socket.descriptor), let connection = try peer.receive(),
      isReadable(connection.doorbell.descriptor)
    else { return }
    withExtendedLifetime(started) { _ = kill(getpid(), SIGKILL) }
  }

  /// What has a name where shared memory could leave something.
  private static func names() throws -> [String] {
    var names: [String] = []
    let folder = try #require(opendir("/dev/shm"))
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.contains("amaru") { names.append(name) }
    }
    return names.sorted()
  }
}
