// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A list of HTTP fields in one piece of memory: names in lower case, in order, repeats kept.
///
/// Layout: for each field `u16` name length, `u32` value length, name, value, native byte order. One
/// allocation for all, and two lists are equal when their bytes are.
package struct HTTPFields: Sendable, Equatable {
  private static let prefixBytes = 6

  private var bytes: [UInt8] = []
  /// How many fields there are.
  package private(set) var count = 0

  /// An empty list.
  package init() {}

  /// Whether both have the same fields in the same order.
  package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
    guard left.bytes.count == right.bytes.count else { return false }
    return left.bytes.withUnsafeBytes { left in
      right.bytes.withUnsafeBytes { right in
        guard let base = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(base, other, left.count) == 0
      }
    }
  }

  /// The size of the list as HTTP counts it: names and values and 32 for each field (RFC 9113 6.5.2).
  package var listSize: Int { bytes.count + count * (32 - Self.prefixBytes) }

  /// Adds a field. A name of more than 65,535 bytes, which no limit lets through, is left out.
  package mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    guard name.count <= Int(UInt16.max), value.count <= Int(UInt32.max) else { return }
    bytes.reserveCapacity(bytes.count + Self.prefixBytes + name.count + value.count)
    withUnsafeBytes(of: UInt16(name.count)) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt32(value.count)) { bytes.append(contentsOf: $0) }
    // As bytes of a type, of which the library copies many at once.
    bytes.append(contentsOf: name.assumingMemoryBound(to: UInt8.self))
    bytes.append(contentsOf: value.assumingMemoryBound(to: UInt8.self))
    count += 1
  }

  /// Adds a field whose name may have capital letters, which become small ones.
  package mutating func add(
    lowering name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    let start = bytes.count + Self.prefixBytes
    add(name, value)
    for index in bytes.indices.dropFirst(start).prefix(name.count) {
      let byte = bytes[index]
      if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { bytes[index] = byte | 0x20 }
    }
  }

  /// Takes all fields out, and keeps their memory for the next.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    count = 0
  }

  /// Adds a field of text.
  package mutating func add(_ name: String, _ value: String) {
    var name = name
    var value = value
    name.withUTF8 { name in
      value.withUTF8 { value in add(UnsafeRawBufferPointer(name), UnsafeRawBufferPointer(value)) }
    }
  }

  /// Calls `body` with each field; the bytes hold until it returns.
  // SAFETY: `add` alone writes `bytes`, so every length lies within them.
  @inline(__always)
  package func forEach(
    _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void
  ) {
    bytes.withUnsafeBytes { bytes in
      var position = 0
      while position < bytes.count {
        let nameCount = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self))
        let valueCount = Int(bytes.loadUnaligned(fromByteOffset: position + 2, as: UInt32.self))
        let name = position + Self.prefixBytes
        let value = name + nameCount
        position = value + valueCount
        body(
          UnsafeRawBufferPointer(rebasing: bytes[name..<value]),
          UnsafeRawBufferPointer(rebasing: bytes[value..<position]))
      }
    }
  }

  /// The first value under `name`, bad UTF-8 repaired; nil when there is none.
  package func value(_ name: StaticString) -> String? {
    var found: String?
    forEach { candidate, value in
      if found == nil, candidate.equals(name) { found = String(decoding: value, as: UTF8.self) }
    }
    return found
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the bytes are those of `text`.
  package func equals(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: count))
  }
}
