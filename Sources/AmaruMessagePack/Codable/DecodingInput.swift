// SPDX-License-Identifier: Apache-2.0

/// The bytes of one decoding, which all of its frames share.
///
/// The bytes are borrowed for one call. A decoder that a type keeps beyond it sees no bytes.
@safe
final class DecodingInput {
  // SAFETY: `count` bytes at `start` are there while `lend` runs; before and after, `count` is zero.
  private var start: UnsafeRawPointer
  private var count = 0

  let limits: MessagePackLimits
  let userInfo: [CodingUserInfoKey: any Sendable]

  init(_ limits: MessagePackLimits, _ userInfo: [CodingUserInfoKey: any Sendable]) {
    unsafe start = UnsafeRawPointer(MessagePackReader.nowhere)
    self.limits = limits
    self.userInfo = userInfo
  }

  /// Lends bytes to the frames while `body` runs.
  func lend<Result>(_ bytes: RawSpan, _ body: () throws -> Result) throws -> Result {
    try unsafe bytes.withUnsafeBytes { buffer in
      unsafe start = buffer.baseAddress ?? UnsafeRawPointer(MessagePackReader.nowhere)
      count = buffer.count
      defer { count = 0 }
      return try body()
    }
  }

  /// Lends bytes to the frames while `body` runs.
  func lend<Result>(_ bytes: Span<UInt8>, _ body: () throws -> Result) throws -> Result {
    // SAFETY: a byte has no padding, which is what the raw view could show.
    try lend(unsafe bytes.bytes, body)
  }

  /// A reader at a place in the bytes, with so many arrays and maps open.
  @_lifetime(borrow self)
  func reader(at offset: Int, depth: Int) -> MessagePackReader {
    // SAFETY: the bytes are there while this runs in `lend`, and none are outside of it. What a
    // reader is used for here ends before the function that asked for it returns, and calls
    // nothing of the program that could end the decoding.
    let span = unsafe RawSpan(_unsafeStart: start, byteCount: count)
    var reader = unsafe MessagePackReader(_overrideLifetime(span, borrowing: self), limits: limits)
    reader.move(to: offset, depth: depth)
    return reader
  }

  /// Decodes all bytes as one value.
  func decodeAll<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let root = DecodingFrame(self, parent: nil, step: .root, offset: 0, depth: 0)
    let value: Value
    if let direct = Value.self as? any MessagePackDecodable.Type {
      (value, root.end) = try direct.read(type, root, 0, 0, .root)
    } else {
      value = try root.decodeOwn(type)
    }
    var reader = reader(at: root.end, depth: 0)
    // What the type has not looked at has to be a value as well.
    if root.end == 0 { try reader.skip() }
    try reader.finish()
    return value
  }
}
