// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc

@testable import AmaruTLS

/// A client and a server without a socket between them.
final class Pair {
  let clientEnd = PlainEnd()
  let serverEnd = PlainEnd()
  let client: TLSStream
  let server: TLSStream
  /// What the client has sent, encrypted.
  private(set) var clientBytes: [UInt8] = []
  private(set) var serverBytes: [UInt8] = []
  private let buffers = TLSBuffers()

  init(_ clientContext: TLSContext, _ serverContext: TLSContext, host: String = "localhost") throws {
    client = try TLSStream.client(
      inner: clientEnd, context: clientContext, serverName: host, buffers: buffers, owner: clientEnd
    )
    server = try TLSStream.server(
      inner: serverEnd, context: serverContext, buffers: TLSBuffers(), owner: serverEnd)
  }

  convenience init(_ client: ClientTLS, _ server: ServerTLS, host: String = "localhost") throws {
    try self.init(try TLSContext(client), try TLSContext(server), host: host)
  }

  /// Carries bytes to and fro, at most `piece` at a time, until there are no more.
  func run(piece: Int = .max) {
    while true {
      let fromClient = Self.take(client)
      clientBytes += fromClient
      Self.give(fromClient, to: server, piece: piece)
      let fromServer = Self.take(server)
      serverBytes += fromServer
      Self.give(fromServer, to: client, piece: piece)
      if fromClient.isEmpty, fromServer.isEmpty { return }
    }
  }

  static func take(_ stream: TLSStream, room: Int = 1 << 16) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      count = stream.produce(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  static func give(_ bytes: [UInt8], to stream: TLSStream, piece: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(piece)
      part.withUnsafeBytes { stream.receive($0) }
      rest = rest.dropFirst(part.count)
    }
  }
}

extension ClientTLS {
  static func trusting(_ authority: TestAuthority) -> ClientTLS {
    ClientTLS(trust: .authorities(.text(authority.pem)))
  }
}

extension ServerTLS {
  init(_ certificate: TestCertificate) {
    self.init(certificateChain: .text(certificate.pem), privateKey: .text(certificate.key))
  }
}
