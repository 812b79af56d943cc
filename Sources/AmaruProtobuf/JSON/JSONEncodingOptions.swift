// SPDX-License-Identifier: Apache-2.0

/// How JSON is written.
public struct JSONEncodingOptions: Sendable {
  /// Whether keys are the names of the `.proto` file (`unit_price`) in place of `unitPrice`.
  public var usesProtoNames = false

  /// Whether fields without presence, lists and maps are written when they have their defaults.
  public var writesDefaults = false

  /// Whether enum values are written as numbers in place of names.
  public var writesEnumNumbers = false

  /// Whether map entries are written in the order of their keys.
  public var sortsMaps = false

  /// Knows the types of the messages in `Any`, and extensions; nil for the pool of the message's
  /// own file and all that it imports.
  public var pool: DescriptorPool?

  /// The defaults.
  public init() {}
}
