// SPDX-License-Identifier: Apache-2.0

/// Bytes with a type number: an extension.
public struct MessagePackExtension: Sendable, Hashable, Codable {
  /// What the bytes are: 0 to 127 as the application says, -128 to -1 as the specification says.
  public var type: Int8

  /// The bytes.
  public var bytes: [UInt8]

  /// Makes an extension.
  public init(type: Int8, bytes: [UInt8]) {
    self.type = type
    self.bytes = bytes
  }
}

extension MessagePackExtension: MessagePackCodable {
  /// Reads an extension of any type.
  public static func readMessagePack(
    from reader: inout MessagePackReader
  ) throws(MessagePackError) -> MessagePackExtension {
    let view = try reader.ext()
    return MessagePackExtension(type: view.type, bytes: MessagePackReader.copy(view.bytes))
  }

  /// Writes an extension.
  public static func writeMessagePack(
    _ value: MessagePackExtension, to writer: inout MessagePackWriter
  ) {
    writer.ext(type: value.type, value.bytes)
  }
}
