// SPDX-License-Identifier: Apache-2.0

/// Encodes what is `Encodable` as MessagePack.
///
/// Types with keys become maps with string keys, types with elements become arrays, and a
/// dictionary becomes a map with keys of its key type. What conforms to ``MessagePackEncodable``
/// writes itself, on any level: so `[UInt8]` is binary, and ``MessagePackTimestamp`` a timestamp.
public struct MessagePackEncoder: Sendable {
  /// How many arrays and maps may be nested in each other; 64 by default, 256 at most.
  public var maxDepth = MessagePackLimits().maxDepth

  /// What a type's `encode(to:)` finds in the encoder's `userInfo`.
  public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

  /// Makes an encoder.
  public init() {}

  /// Encodes a value.
  ///
  /// - Throws: ``MessagePackError`` when the value is nested too deeply, is longer than the format
  ///   can say, or uses its encoder in a way that has no meaning; and what `encode(to:)` throws.
  public func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
    let sink = EncodingSink()
    defer { sink.release() }
    let context = EncodingContext(
      depthLimit: MessagePackLimits(maxDepth: maxDepth).effectiveDepth, userInfo: userInfo)
    let frame = EncodingFrame(sink, context, parent: nil, step: .root, depth: 0)
    try frame.writeWhole(value)
    return try sink.finish()
  }
}

/// What all frames of one encoding share.
final class EncodingContext {
  let depthLimit: Int
  let userInfo: [CodingUserInfoKey: any Sendable]

  /// The first error of a function that cannot throw.
  var failure: MessagePackError?

  init(depthLimit: Int, userInfo: [CodingUserInfoKey: any Sendable]) {
    self.depthLimit = depthLimit
    self.userInfo = userInfo
  }
}
