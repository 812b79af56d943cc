// SPDX-License-Identifier: Apache-2.0

/// The eight bytes in front of a record's body, read and written as one word.
///
/// ```
/// bit 0       32      40      48       64
///     length  | kind  | flags | zero   |
/// ```
package struct RecordHeader: Hashable, Sendable {
  /// What the record is; 0 is padding up to the end of the ring, the rest is for the frames above.
  package let kind: UInt8
  /// Bits whose meaning depends on the kind.
  package let flags: UInt8
  /// Bytes of the body, without padding to a multiple of eight.
  package let length: Int

  /// Bytes of the header itself.
  static let bytes = 8
  /// The kind of padding.
  static let padding: UInt8 = 0

  /// A header; `length` is below 4 GiB.
  package init(kind: UInt8, flags: UInt8, length: Int) {
    self.kind = kind
    self.flags = flags
    self.length = length
  }

  /// Takes a word apart; nil when bits are set that must be zero.
  init?(word: UInt64) {
    guard word >> 48 == 0 else { return nil }
    length = Int(word & 0xffff_ffff)
    kind = UInt8(truncatingIfNeeded: word >> 32)
    flags = UInt8(truncatingIfNeeded: word >> 40)
  }

  /// The word in shared memory.
  var word: UInt64 {
    UInt64(UInt32(truncatingIfNeeded: length)) | UInt64(kind) << 32 | UInt64(flags) << 40
  }

  /// Bytes of the whole record: header, body, padding.
  var recordBytes: Int { Self.recordBytes(length) }

  /// Bytes of a record with a body of `length` bytes.
  static func recordBytes(_ length: Int) -> Int { bytes + (length + 7) & ~7 }
}
