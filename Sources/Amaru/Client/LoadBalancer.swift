// SPDX-License-Identifier: Apache-2.0
import AmaruIO
import Synchronization

/// Chooses the server of each call. Any thread.
public protocol LoadBalancer: Sendable {
  /// Whether the channel keeps a connection to every address, or connects to one after the other until it has one.
  var connectsToAll: Bool { get }
  /// The index of the server that the next call goes to. `ready` is not empty; an index outside of it counts as 0.
  func pick(_ ready: [ServerLoad]) -> Int
}

/// A server that can be chosen.
public struct ServerLoad: Sendable, Hashable {
  /// Its address, as gRPC names addresses.
  public let address: String
  /// The calls of this channel that it has not answered yet.
  public let callsInFlight: Int
}

/// The first address that can be connected to, those of IPv6 and IPv4 tried in turn (RFC 8305).
public struct PickFirst: LoadBalancer {
  /// The policy.
  public init() {}
  public var connectsToAll: Bool { false }
  public func pick(_ ready: [ServerLoad]) -> Int { 0 }
}

/// Every server in turn.
public final class RoundRobin: LoadBalancer {
  private let next = Atomic(Int.random(in: 0..<1024))

  /// The policy, which begins anywhere.
  public init() {}
  public var connectsToAll: Bool { true }
  public func pick(_ ready: [ServerLoad]) -> Int {
    let number = next.wrappingAdd(1, ordering: .relaxed).newValue
    return Int(UInt(bitPattern: number) % UInt(ready.count))
  }
}

/// The server with the fewest calls in flight of two chosen at random, which spreads the load of slow and quick
/// servers.
public struct LeastRequests: LoadBalancer {
  /// The policy.
  public init() {}
  public var connectsToAll: Bool { true }
  public func pick(_ ready: [ServerLoad]) -> Int {
    let first = Int.random(in: 0..<ready.count)
    let second = Int.random(in: 0..<ready.count)
    return ready[second].callsInFlight < ready[first].callsInFlight ? second : first
  }
}
