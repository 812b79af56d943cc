// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// What a decoder refuses of a frame.
package struct FrameLimits: Hashable, Sendable {
  /// Bytes of a method's name.
  package var maxMethodBytes = 1024
  /// Entries of one list of metadata.
  package var maxMetadataEntries: Int
  /// Bytes of one list of metadata: names and values, and 32 for each entry.
  package var maxMetadataBytes: Int
  /// Bytes of a status's message and details, each.
  package var maxStatusBytes = 16 << 10
  /// Bytes of one message.
  package var maxMessageBytes: Int

  /// The limits that every wire has.
  package init(_ limits: Limits = Limits()) {
    maxMetadataEntries = limits.maxHeaderFields
    maxMetadataBytes = limits.maxHeaderListBytes
    maxMessageBytes = limits.maxReceivedMessageBytes
  }
}
