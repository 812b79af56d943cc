// SPDX-License-Identifier: Apache-2.0

/// How a message is written in text format.
public struct TextEncodingOptions: Sendable {
  /// Write unknown fields too, by their numbers. Such a text cannot be read again.
  public var writesUnknownFields = false
  /// Write the message in a `google.protobuf.Any` where its type is known, in place of its bytes.
  public var expandsAny = false
  /// Write everything on one line.
  public var usesOneLine = false
  /// Knows the messages in `google.protobuf.Any`; nil for the pool of the message itself.
  public var pool: DescriptorPool?

  /// The defaults.
  public init() {}
}

/// How a message is read from text format.
public struct TextDecodingOptions: Sendable {
  /// Take a message whose required fields are not all there.
  public var allowsMissingFields = false
  /// How many messages may be nested in the message.
  public var depthLimit = Reader.defaultDepthLimit
  /// Knows the messages in `google.protobuf.Any`; nil for the pool of the message itself.
  public var pool: DescriptorPool?

  /// The defaults.
  public init() {}
}
