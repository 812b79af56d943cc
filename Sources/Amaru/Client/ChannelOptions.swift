// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruTLS

/// How a ``ClientChannel`` connects, balances and waits. The defaults are those of gRPC.
public struct ChannelOptions: Sendable {
  /// How servers are verified and what is shown to them; nil for no TLS.
  public var tls: ClientTLS?
  /// What proves to servers who calls, for each call.
  public var credentials: (any CallCredentials)?
  /// Whether credentials may be sent in plaintext to other machines, where others can read and use them.
  public var sendsCredentialsInPlaintext = false
  /// Run around every attempt at a call, the first outermost.
  public var interceptors: [any ClientInterceptor] = []
  /// Which of the resolved addresses calls go to.
  public var loadBalancer: any LoadBalancer = PickFirst()
  /// Finds the addresses; nil for the one that the target's scheme names.
  public var resolver: (any Resolver)?
  /// What servers are held to: sizes of messages, header lists and windows.
  public var limits = Limits()
  /// The loop that the channel's connections and calls are confined to.
  public var loop = ChannelLoop.shared
  /// The host that calls are for, as in a URL; nil for the target's own.
  public var authority: String?
  /// What stands in front of the library's name in `user-agent`.
  public var userAgentPrefix = ""
  /// The time that one attempt to connect has, until the server's HTTP/2 settings are there.
  public var connectTimeout: Duration = .seconds(20)
  /// The wait after a failed attempt to connect, and how it grows.
  public var backoff = Backoff()
  /// The time without a call after which a connection is closed; the next call makes a new one.
  public var idleTimeout: Duration = .seconds(1800)
  /// How dead connections are found out, such as those that a network drops silently; nil for not at all. The
  /// interval is doubled when a server says that it is pinged too often (gRPC's proposal A8).
  public var keepalive: Keepalive?
  /// Connections to one address. A further one is made when the server's limit of streams is reached; at this
  /// number calls wait for a stream instead.
  public var maxConnectionsPerAddress = 16
  /// Timeouts, retries and more for each method.
  public var serviceConfig = ServiceConfig()

  /// What counts the channel's calls, attempts and servers; nil for nothing.
  public var metrics: Metrics?
  /// Keeps calls from servers that fail; nil for not at all.
  public var circuitBreaker: CircuitBreaker?
  /// Bytes of requests that a call with a stream of them and a retry policy keeps; with more it is not made again.
  public var retryBufferBytes = 256 << 10

  /// The defaults above.
  public init() {}
}
