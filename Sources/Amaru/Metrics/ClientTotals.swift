// SPDX-License-Identifier: Apache-2.0

/// What channels have counted together.
struct ClientTotals: Sendable {
  /// Where the counters of whole calls begin, behind those of attempts.
  static let calls = CallCounts.stride
  /// Attempts after the first; a place that whole calls do not need.
  static let retries = calls + CallCounts.sentMessages
  /// Counters of one method.
  static let stride = 2 * CallCounts.stride

  /// Targets and methods that are told apart.
  private static let maxKeys = 1000

  struct Key: Sendable, Hashable {
    let target: String
    let method: String
  }

  struct Method: Sendable {
    var attempts = CallCounts()
    var calls = CallCounts()
  }

  private(set) var methods: [Key: Method] = [:]
  /// The servers of the channels that there are, each with its target.
  var backends: [(target: String, state: BackendState)] = []

  /// Adds the counters of a channel.
  mutating func add(_ values: [UInt64], target: String, method: String) {
    var key = Key(target: target, method: method)
    if methods[key] == nil, methods.count >= Self.maxKeys {
      key = Key(target: ClientCounts.other, method: ClientCounts.other)
    }
    methods[key, default: Method()].attempts.add(Array(values.prefix(Self.calls)))
    methods[key, default: Method()].calls.add(Array(values.dropFirst(Self.calls)))
  }
}
