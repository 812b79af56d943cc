// SPDX-License-Identifier: Apache-2.0
import CNghttp2
import Glibc

/// Recognises a header list that is the last one again, field by field while it comes in.
///
/// A client sends mostly the same head with every call; then nothing is copied, and the head of the last
/// request is handed out again with all that was worked out from it. A name or value from HPACK's tables is
/// even the same object as last time, so that mostly two pointers are compared.
// SAFETY: every buffer is counted while it is in `fields`, so that its address is not used for another.
struct RepeatedHead: ~Copyable {
  private typealias Field = (name: OpaquePointer, value: OpaquePointer)

  private var fields: [Field] = []
  /// How many fields of the list that comes in were the same.
  private var index = 0
  /// The last head.
  private(set) var head: HTTPHead?

  deinit { for field in fields { Self.release(field) } }

  /// A new list begins.
  mutating func begin() { index = 0 }

  /// Whether the next field is the same as last time.
  @inline(__always)
  mutating func matches(_ name: OpaquePointer, _ value: OpaquePointer) -> Bool {
    guard head != nil, index < fields.count else { return false }
    let field = fields[index]
    guard Self.equal(field.name, name), Self.equal(field.value, value) else { return false }
    index &+= 1
    return true
  }

  /// Whether the list that has ended had every field of the last one.
  var isWhole: Bool { head != nil && index == fields.count }

  /// A field was not the same: the list is kept anew from here. Gives the fields that were the same.
  mutating func diverge() -> HTTPFields {
    head = nil
    while fields.count > index { Self.release(fields.removeLast()) }
    var same = HTTPFields()
    for field in fields { same.add(Self.bytes(field.name), Self.bytes(field.value)) }
    return same
  }

  /// Keeps a field of a list that is not the last one again.
  mutating func append(_ name: OpaquePointer, _ value: OpaquePointer) {
    nghttp2_rcbuf_incref(name)
    nghttp2_rcbuf_incref(value)
    fields.append((name, value))
    index = fields.count
  }

  /// The head to compare with from now on, made of the kept fields; nil for none.
  mutating func remember(_ head: HTTPHead?) { self.head = head }

  /// The bytes of a buffer; they hold as long as it does.
  static func bytes(_ buffer: OpaquePointer) -> UnsafeRawBufferPointer {
    let vector = nghttp2_rcbuf_get_buf(buffer)
    return UnsafeRawBufferPointer(start: vector.base, count: vector.len)
  }

  @inline(__always)
  private static func equal(_ left: OpaquePointer, _ right: OpaquePointer) -> Bool {
    if left == right { return true }
    let left = bytes(left)
    let right = bytes(right)
    guard left.count == right.count else { return false }
    guard let base = left.baseAddress, let other = right.baseAddress else { return true }
    return memcmp(base, other, left.count) == 0
  }

  private static func release(_ field: Field) {
    nghttp2_rcbuf_decref(field.name)
    nghttp2_rcbuf_decref(field.value)
  }
}
