// SPDX-License-Identifier: Apache-2.0

import AmaruCore
import AmaruIO
import AmaruTLS
import COpenSSL

/// Gives a TLS stream what an arbitrary peer sends. The first byte tells how:
///
/// - bit 0: the stream is a client's, not a server's
/// - bit 1: the rest of the input comes in place of a peer; otherwise an honest peer speaks, and the rest, in
///   threes, tells what is changed on the way: where (the two upper bits: XOR, drop, insert or repeat), and a byte
/// - bit 2: TLS 1.2 at most
/// - bit 3: a session of an earlier connection is offered
/// - bits 4 to 7: how long the pieces are
///
/// Whatever comes, the handler behind the stream hears nothing before the handshake, and then nothing but what
/// the honest peer's handler has said.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let shape = input.first else { return 0 }
  Chance.reset()
  let rest = Array(input.dropFirst())
  let isRaw = shape & 2 != 0
  let step = max(1, Int(shape >> 4) * 37)
  do {
    let world = try World(isOld: shape & 4 != 0)
    if shape & 8 != 0 {
      // Honest from end to end.
      try World.Pair(world).run(Changes([]), toClient: false, step: .max)
    }
    let pair = try World.Pair(world)
    let toClient = shape & 1 != 0
    if isRaw {
      let (stream, end) =
        toClient ? (pair.client, pair.clientEnd) : (pair.server, pair.serverEnd)
      _ = World.take(stream)
      World.give(rest, to: stream, step: step)
      precondition(end.received.isEmpty, "something was taken for what a peer said")
    } else {
      try pair.run(Changes(rest), toClient: toClient, step: step)
    }
    pair.finish()
  } catch {
    preconditionFailure("the settings cannot be used: \(error)")
  }
  return 0
}

/// The certificates, and the settings of both ends of one input.
private struct World {
  nonisolated(unsafe) private static let authority = TestAuthority()
  private static let serverCertificate = authority.issue("server")
  private static let clientCertificate = authority.issue("client")

  let server: TLSContext
  let client: TLSContext
  let buffers = TLSBuffers()

  init(isOld: Bool) throws {
    let trusted = PEM.text(Self.authority.pem)
    func chain(_ certificate: TestCertificate) -> (PEM, PEM) {
      (.text(certificate.pem), .text(certificate.key))
    }
    let (pem, key) = chain(Self.serverCertificate)
    server = try TLSContext(
      ServerTLS(
        certificateChain: pem, privateKey: key,
        clientAuthentication: .optional(authorities: trusted)))
    let own = chain(Self.clientCertificate)
    client = try TLSContext(
      ClientTLS(
        trust: .authorities(trusted),
        credentials: .init(certificateChain: own.0, privateKey: own.1)))
    guard isOld else { return }
    SSL_CTX_ctrl(client.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
  }

  static func take(_ stream: TLSStream) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let piece = [UInt8](unsafeUninitializedCapacity: 1 << 15) { buffer, count in
        count = stream.produce(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if piece.isEmpty { return all }
      all += piece
    }
  }

  static func give(_ bytes: [UInt8], to stream: TLSStream, step: Int) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = rest.prefix(step)
      piece.withUnsafeBytes { stream.receive($0) }
      rest = rest.dropFirst(piece.count)
    }
  }

  /// A client and a server without a socket between them.
  final class Pair {
    let clientEnd = End(saying: Array("what the client says".utf8))
    let serverEnd = End(saying: [UInt8](repeating: 7, count: 40_000))
    let client: TLSStream
    let server: TLSStream

    init(_ world: World) throws {
      client = try TLSStream.client(
        inner: clientEnd, context: world.client, serverName: "localhost", buffers: world.buffers,
        owner: clientEnd)
      server = try TLSStream.server(
        inner: serverEnd, context: world.server, buffers: world.buffers, owner: serverEnd)
    }

    /// Carries all bytes to and fro, with changes in those to one of them.
    func run(_ changes: consuming Changes, toClient: Bool, step: Int) throws {
      var changes = changes
      while true {
        var fromClient = World.take(client)
        if !toClient { fromClient = changes.apply(to: fromClient) }
        World.give(fromClient, to: server, step: step)
        var fromServer = World.take(server)
        if toClient { fromServer = changes.apply(to: fromServer) }
        World.give(fromServer, to: client, step: step)
        if fromClient.isEmpty, fromServer.isEmpty { break }
      }
      if changes.isEmpty {
        precondition(serverEnd.received == clientEnd.said, "an honest client was not heard")
        precondition(clientEnd.received == serverEnd.said, "an honest server was not heard")
      }
      precondition(serverEnd.said.starts(with: clientEnd.received), "the client heard other things")
      precondition(clientEnd.said.starts(with: serverEnd.received), "the server heard other things")
    }

    func finish() {
      for (stream, end) in [(client, clientEnd), (server, serverEnd)] {
        precondition(end.errors == 0 || stream.isDone, "a stream that has failed is not done")
        stream.closed()
        stream.closed()
        precondition(end.closings == 1, "the handler was closed \(end.closings) times")
        precondition(end.errors <= 1, "\(end.errors) errors were told")
      }
    }
  }
}

/// What stands behind a stream.
private final class End: ByteStreamHandler, TLSStreamOwner {
  let said: [UInt8]
  private var unsaid: ArraySlice<UInt8>
  private(set) var received: [UInt8] = []
  private(set) var closings = 0
  private(set) var errors = 0
  private var isOpen = false
  let isDone = false

  init(saying: [UInt8]) {
    said = saying
    unsaid = saying[...]
  }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    precondition(isOpen && closings == 0, "bytes before the handshake or after the end")
    received += bytes
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    precondition(isOpen && closings == 0, "asked before the handshake or after the end")
    let count = min(buffer.count, unsaid.count)
    buffer.copyBytes(from: unsaid.prefix(count))
    unsaid = unsaid.dropFirst(count)
    return count
  }

  func closed() { closings += 1 }
  func handshakeFinished(_ handshake: TLSHandshake) {
    precondition(!isOpen, "two handshakes")
    isOpen = true
  }
  func tlsFailed(_ error: TLSError) { errors += 1 }
  func tlsHasOutput() {}
}

/// What is changed on the way.
private struct Changes {
  private var at: [Int: [(kind: UInt8, byte: UInt8)]] = [:]
  private var offset = 0
  var isEmpty: Bool { at.isEmpty }

  init(_ bytes: [UInt8]) {
    for start in stride(from: 0, to: bytes.count - 2, by: 3) {
      let place = Int(bytes[start] & 0x3f) << 8 | Int(bytes[start + 1])
      at[place, default: []].append((bytes[start] >> 6, bytes[start + 2]))
    }
  }

  mutating func apply(to bytes: [UInt8]) -> [UInt8] {
    var changed: [UInt8] = []
    for var byte in bytes {
      var isKept = true
      for (kind, value) in at[offset] ?? [] {
        switch kind {
        case 0: byte ^= value
        case 1: isKept = false
        case 2: changed.append(value)
        default: changed += [UInt8](repeating: byte, count: Int(value))
        }
      }
      if isKept { changed.append(byte) }
      offset += 1
    }
    return changed
  }
}

/// OpenSSL's random numbers, the same ones for the same input.
private enum Chance {
  /// `RAND_METHOD` of `openssl/rand.h`.
  private struct Method {
    var seed: (@convention(c) (UnsafeRawPointer?, CInt) -> CInt)?
    var bytes: (@convention(c) (UnsafeMutablePointer<UInt8>?, CInt) -> CInt)?
    var cleanup: (@convention(c) () -> Void)?
    var add: (@convention(c) (UnsafeRawPointer?, CInt, Double) -> CInt)?
    var pseudorandom: (@convention(c) (UnsafeMutablePointer<UInt8>?, CInt) -> CInt)?
    var status: (@convention(c) () -> CInt)?
  }

  nonisolated(unsafe) private static var state: UInt64 = 1
  private static let fill: @convention(c) (UnsafeMutablePointer<UInt8>?, CInt) -> CInt = {
    bytes, count in
    for index in 0..<Int(count) {
      // Knuth's MMIX generator.
      Chance.state = Chance.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      bytes?[index] = UInt8(truncatingIfNeeded: Chance.state >> 33)
    }
    return 1
  }
  private static let isSet: Bool = {
    let method = UnsafeMutablePointer<Method>.allocate(capacity: 1)
    method.initialize(
      to: Method(
        seed: { _, _ in 1 }, bytes: fill, cleanup: {}, add: { _, _, _ in 1 }, pseudorandom: fill,
        status: { 1 }))
    return setMethod(method) == 1
  }()

  static func reset() {
    precondition(isSet)
    state = 1
  }
}

@_silgen_name("RAND_set_rand_method")
private func setMethod(_ method: UnsafeRawPointer) -> CInt
