// SPDX-License-Identifier: Apache-2.0

/// An extension whose bytes are lent from the input.
@frozen
public struct MessagePackExtensionView: ~Escapable {
  /// What the bytes are: 0 to 127 as the application says, -128 to -1 as the specification says.
  public let type: Int8

  /// The bytes, where they lie in the input.
  public let bytes: RawSpan

  @_lifetime(copy bytes)
  init(type: Int8, bytes: RawSpan) {
    self.type = type
    self.bytes = bytes
  }
}
