// SPDX-License-Identifier: Apache-2.0

/// How JSON is read.
public struct JSONDecodingOptions: Sendable {
  /// Whether keys that are no fields are passed over, and unknown names of enum values and unknown
  /// numbers of closed enums left out; otherwise, and by default, they are errors.
  public var ignoresUnknownFields = false

  /// How many messages, objects and lists may be nested in the outermost: 100. Those of `Struct`,
  /// `Value` and `ListValue` count as the messages that they become: a list as two, an object as
  /// three.
  public var depthLimit = Reader.defaultDepthLimit

  /// Knows the types of the messages in `Any`, and extensions; nil for the pool of the message's
  /// own file and all that it imports.
  public var pool: DescriptorPool?

  /// The defaults.
  public init() {}
}
