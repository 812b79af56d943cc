// SPDX-License-Identifier: Apache-2.0

/// Decodes MessagePack as what is `Decodable`.
///
/// Types with keys are read from maps with string keys: unknown keys are passed over, and of a key
/// that comes more than once the last value is taken. What conforms to ``MessagePackDecodable``
/// reads itself, on any level.
public struct MessagePackDecoder: Sendable {
  /// What is refused.
  public var limits = MessagePackLimits()

  /// What a type's `init(from:)` finds in the decoder's `userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// Makes a decoder.
  public init() {}

  /// Decodes bytes that are one value and nothing else.
  ///
  /// - Throws: ``MessagePackError``, with the path of what is wrong: also for a `DecodingError`
  ///   that a type's `init(from:)` throws. Other errors of `init(from:)` are thrown as they are.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: RawSpan
  ) throws -> Value {
    let input = DecodingInput(limits, userInfo)
    return try input.lend(bytes) { () throws in try input.decodeAll(type) }
  }

  /// Decodes bytes that are one value and nothing else, as the other `decode` does.
  public func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8]
  ) throws -> Value {
    let input = DecodingInput(limits, userInfo)
    return try input.lend(bytes.span) { () throws in try input.decodeAll(type) }
  }
}
