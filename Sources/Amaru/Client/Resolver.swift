// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// Finds the addresses of a service. Any thread.
public protocol Resolver: Sendable {
  /// The addresses now, the preferred first. TCP hosts are addresses, not names.
  /// - Throws: any error; its description reaches callers as part of an `UNAVAILABLE`.
  func resolve() async throws -> [SocketAddress]
  /// Whether asking again may give something else: after a failure to connect, the channel does.
  var isDynamic: Bool { get }
}

/// A list that never changes.
public struct FixedResolver: Resolver {
  private let addresses: [SocketAddress]

  /// The addresses to give.
  public init(_ addresses: [SocketAddress]) { self.addresses = addresses }
  public func resolve() async throws -> [SocketAddress] { addresses }
  public var isDynamic: Bool { false }
}

/// The system's name service: every address of a host, in the system's order (RFC 6724).
public struct DNSResolver: Resolver {
  private let host: String
  private let port: UInt16

  /// Resolves `host`; every address gets `port`.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  public var isDynamic: Bool { true }

  public func resolve() async throws -> [SocketAddress] {
    let (host, port) = (host, port)
    return try await withCheckedThrowingContinuation { continuation in
      do throws(IOError) {
        // The system's look-up blocks: a thread of its own, so that a name server that does not answer takes none
        // of those that others need.
        try SystemThread {
          continuation.resume(
            with: Result { () throws(IOError) in
              try ResolvedAddress.lookUp(host: host, port: port).compactMap(\.socketAddress)
            }.mapError { $0 as any Error })
        }.detach()
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }
}
