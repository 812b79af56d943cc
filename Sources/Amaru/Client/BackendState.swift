// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// How one server of a ``ClientChannel`` is doing.
public struct BackendState: Sendable, Hashable {
  /// Its address, as gRPC names addresses.
  public let address: String
  /// Whether it can be reached, and is serving where its health is asked for.
  public let connectivity: ConnectivityState
  /// The connections to it.
  public let connections: Int
  /// The calls of this channel that it has not answered yet.
  public let callsInFlight: Int
  /// Whether calls may go to it; nil without ``ChannelOptions/circuitBreaker``.
  public let circuit: CircuitState?
}
