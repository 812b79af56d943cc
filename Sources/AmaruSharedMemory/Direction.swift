// SPDX-License-Identifier: Apache-2.0

/// Which way records and payloads go through a segment.
package enum Direction: Sendable, CaseIterable {
  /// From the process that connected to the one that listened.
  case request
  /// The other way.
  case response
}
