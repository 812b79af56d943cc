// SPDX-License-Identifier: Apache-2.0

/// What the loops of servers have counted together.
struct ServerTotals: Sendable {
  var calls: [String: CallCounts] = [:]
  /// Accepted and closed connections, received and sent bytes.
  var connections = [UInt64](repeating: 0, count: 4)
}
