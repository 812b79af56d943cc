// SPDX-License-Identifier: Apache-2.0

/// What a handler asks its wire to send beside the messages.
package struct ResponseMetadata: Sendable {
  /// Sent before the first message.
  package var initial = Metadata()
  /// Sent with the status.
  package var trailing = Metadata()
  /// Whether messages may be compressed; nil leaves it to the server's setting.
  package var compresses: Bool?

  package init() {}
}
