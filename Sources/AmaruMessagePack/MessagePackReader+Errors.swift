// SPDX-License-Identifier: Apache-2.0

// Errors are made out of line, so that the code that may throw them stays small.

extension MessagePackReader {
  /// Fewer bytes are left than the next thing needs.
  @inline(never)
  @usableFromInline
  func truncated(_ count: Int) -> MessagePackError {
    MessagePackError(.truncated(needed: count - remaining), offset: offset)
  }

  /// The next value is of another family than the one that was asked for.
  @inline(never)
  @usableFromInline
  func mismatch(_ expected: StaticString) -> MessagePackError {
    do throws(MessagePackError) {
      return MessagePackError(
        .typeMismatch(expected: "\(expected)", found: try kind()), offset: offset)
    } catch {
      return error
    }
  }

  /// A number does not fit into a type.
  @inline(never)
  @usableFromInline
  func outOfRange(_ value: WideInteger, _ type: String, _ offset: Int) -> MessagePackError {
    MessagePackError(.outOfRange(value: value.description, type: type), offset: offset)
  }

  /// A length is more than what is left, or over the limit.
  ///
  /// - Parameter header: How many of the bytes left are not part of what has the length.
  @inline(never)
  @usableFromInline
  func lengthRefused(_ count: Int, _ offset: Int, _ header: Int) -> MessagePackError {
    if count > limits.maxBytes {
      return MessagePackError(
        .byteLimitExceeded(count: count, limit: limits.maxBytes), offset: offset)
    }
    return MessagePackError(.truncated(needed: count + header - remaining), offset: offset)
  }

  /// The error for a key that a map does not have, to be thrown after the map was read.
  @inline(never)
  public func missingKey(_ name: String) -> MessagePackError {
    MessagePackError(.missingKey(name), offset: offset, path: [.key(name)])
  }

  /// The value of a key that a map must have, or an error with its name.
  @inlinable
  @inline(__always)
  public func require<Value>(
    _ value: Value?, _ name: StaticString
  ) throws(MessagePackError) -> Value {
    guard let value else { throw missingKey("\(name)") }
    return value
  }

  /// Throws an error when bytes are left.
  @inlinable
  @inline(__always)
  public func finish() throws(MessagePackError) {
    if remaining > 0 { throw MessagePackError(.trailingBytes(remaining), offset: offset) }
  }
}
