// SPDX-License-Identifier: Apache-2.0

/// A singular field that is declared outside of the message that holds it.
///
/// Generated from `extend` blocks, and used as a key: `options[AnnotationsExtensions.http]`. The
/// message keeps the value in wire format among its unknown fields, so that it is read and written
/// with the message whether the program knows the extension or not.
public struct Extension<Host: Message, Codec: FieldCodec>: Sendable {
  /// The full proto name without a leading dot.
  public let protoName: String
  /// The field number.
  public let number: UInt32
  /// What stands for the field where it is not set.
  public let defaultValue: Codec.Value

  /// Declares an extension; generated code does.
  public init(_ protoName: String, _ number: UInt32, default value: Codec.Value = Codec.zero) {
    self.protoName = protoName
    self.number = number
    defaultValue = value
  }
}

/// A repeated field that is declared outside of the message that holds it.
public struct RepeatedExtension<Host: Message, Codec: FieldCodec>: Sendable {
  /// The full proto name without a leading dot.
  public let protoName: String
  /// The field number.
  public let number: UInt32
  /// Whether the elements are written behind one tag. Both forms are read.
  public let isPacked: Bool

  /// Declares an extension; generated code does.
  public init(_ protoName: String, _ number: UInt32, isPacked: Bool = false) {
    self.protoName = protoName
    self.number = number
    self.isPacked = isPacked
  }
}
