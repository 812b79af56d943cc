// SPDX-License-Identifier: Apache-2.0

// Errors are made out of line, so that the code that may throw them stays small. They take numbers
// and not the reader, which would have to be copied to memory for each call that might fail.

extension MessagePackReader {
  /// So many bytes less are left than the next thing needs.
  @inline(never)
  @usableFromInline
  static func truncated(_ needed: Int, _ offset: Int) -> MessagePackError {
    MessagePackError(.truncated(needed: needed), offset: offset)
  }

  /// The value with this first byte is of another family than the one that was asked for.
  @inline(never)
  @usableFromInline
  static func mismatch(
    _ expected: StaticString, _ firstByte: UInt8, _ offset: Int
  ) -> MessagePackError {
    guard let found = MessagePackKind(firstByte: firstByte) else {
      return MessagePackError(.reservedByte, offset: offset)
    }
    return MessagePackError(
      .typeMismatch(expected: "\(expected)", found: found), offset: offset)
  }

  /// A number does not fit into a type.
  @inline(never)
  @usableFromInline
  static func outOfRange(
    _ value: WideInteger, _ type: String, _ offset: Int
  ) -> MessagePackError {
    MessagePackError(.outOfRange(value: value.description, type: type), offset: offset)
  }

  /// A length is more than what is left, or over the limit.
  @inline(never)
  @usableFromInline
  static func lengthRefused(
    _ count: Int, _ limit: Int, _ needed: Int, _ offset: Int
  ) -> MessagePackError {
    let isOver = count > limit
    return MessagePackError(
      isOver ? .byteLimitExceeded(count: count, limit: limit) : .truncated(needed: needed),
      offset: offset)
  }

  /// A container is nested too deeply, has too many elements, or more than there are bytes.
  @inline(never)
  @usableFromInline
  static func containerRefused(
    _ count: Int, _ needed: Int, _ depthLeft: Int, _ limits: MessagePackLimits, _ offset: Int
  ) -> MessagePackError {
    let reason: MessagePackError.Reason =
      if depthLeft <= 0 {
        .depthLimitExceeded(limit: limits.effectiveDepth)
      } else if count > limits.maxCount {
        .countLimitExceeded(count: count, limit: limits.maxCount)
      } else {
        .truncated(needed: needed)
      }
    return MessagePackError(reason, offset: offset)
  }

  /// The error for a key that a map does not have, to be thrown after the map was read.
  public func missingKey(_ name: String) -> MessagePackError {
    Self.missingKey(name, offset)
  }

  @inline(never)
  @usableFromInline
  static func missingKey(_ name: String, _ offset: Int) -> MessagePackError {
    MessagePackError(.missingKey(name), offset: offset, path: [.key(name)])
  }

  @inline(never)
  @usableFromInline
  static func trailing(_ count: Int, _ offset: Int) -> MessagePackError {
    MessagePackError(.trailingBytes(count), offset: offset)
  }

  /// The value of a key that a map must have, or an error with its name.
  @inlinable
  @inline(__always)
  public func require<Value>(
    _ value: Value?, _ name: StaticString
  ) throws(MessagePackError) -> Value {
    guard let value else { throw Self.missingKey("\(name)", offset) }
    return value
  }

  /// Throws an error when bytes are left.
  @inlinable
  @inline(__always)
  public func finish() throws(MessagePackError) {
    if remaining > 0 { throw Self.trailing(remaining, offset) }
  }
}
