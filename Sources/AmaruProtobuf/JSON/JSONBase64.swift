// SPDX-License-Identifier: Apache-2.0

/// The base64 of `bytes` fields, and of descriptors in generated code: written with the standard alphabet and padding, read in both
/// alphabets (RFC 4648 4 and 5), with or without padding.
enum JSONBase64 {
  private static let alphabet: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

  /// The value of each byte as a digit; 64 where it is none.
  // SAFETY: made once, not changed afterwards, and never freed.
  private nonisolated(unsafe) static let values: UnsafePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    // SAFETY: the places are those of bytes, of which there are 256.
    unsafe table.initialize(repeating: 64, count: 256)
    for (value, byte) in alphabet.description.utf8.enumerated() {
      unsafe table[Int(byte)] = UInt8(truncatingIfNeeded: value)
    }
    unsafe table[Int(UInt8(ascii: "-"))] = 62
    unsafe table[Int(UInt8(ascii: "_"))] = 63
    return unsafe UnsafePointer(table)
  }()

  /// Decodes a text, or returns nil when it is malformed. Bits that are left over are dropped.
  static func decode(_ text: Span<UInt8>) -> [UInt8]? {
    var count = text.count
    if count > 0, count % 4 == 0, text[count - 1] == UInt8(ascii: "=") {
      count -= text[count - 2] == UInt8(ascii: "=") ? 2 : 1
    }
    guard count % 4 != 1 else { return nil }
    if count == 0 { return [] }
    let values = unsafe values
    var bits: UInt32 = 0
    let size = count / 4 * 3 + (count % 4 * 3) / 4
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, initialized in
      unsafe text.withUnsafeBytes { input in
        guard let input = input.baseAddress, let output = output.baseAddress else { return }
        var from = 0
        var to = 0
        // SAFETY: four digits give three bytes, of which `size` has so many.
        while from &+ 4 <= count {
          let a = unsafe digit(values, input, from)
          let b = unsafe digit(values, input, from &+ 1)
          let c = unsafe digit(values, input, from &+ 2)
          let d = unsafe digit(values, input, from &+ 3)
          bits |= a | b | c | d
          unsafe output[to] = UInt8(truncatingIfNeeded: a << 2 | b >> 4)
          unsafe output[to &+ 1] = UInt8(truncatingIfNeeded: b << 4 | c >> 2)
          unsafe output[to &+ 2] = UInt8(truncatingIfNeeded: c << 6 | d)
          from &+= 4
          to &+= 3
        }
        if count &- from >= 2 {
          let a = unsafe digit(values, input, from)
          let b = unsafe digit(values, input, from &+ 1)
          bits |= a | b
          unsafe output[to] = UInt8(truncatingIfNeeded: a << 2 | b >> 4)
          if count &- from == 3 {
            let c = unsafe digit(values, input, from &+ 2)
            bits |= c
            unsafe output[to &+ 1] = UInt8(truncatingIfNeeded: b << 4 | c >> 2)
          }
        }
        initialized = size
      }
    }
    return bits < 64 ? bytes : nil
  }

  /// The value of the digit at a place.
  ///
  /// SAFETY: the place must be one of the input; the table has a place for each byte.
  @inline(__always)
  private static func digit(
    _ values: UnsafePointer<UInt8>, _ input: UnsafeRawPointer, _ place: Int
  ) -> UInt32 {
    UInt32(unsafe values[Int(input.load(fromByteOffset: place, as: UInt8.self))])
  }

  /// How many bytes the text of so many bytes has.
  static func count(of bytes: Int) -> Int { (bytes &+ 2) / 3 &* 4 }

  /// Encodes bytes.
  ///
  /// SAFETY: there must be room for `count(of:)` bytes at `output`; all are written.
  static func encode(_ bytes: [UInt8], to output: UnsafeMutableRawPointer) {
    let alphabet = unsafe alphabet.utf8Start
    let bytes = bytes.span
    var to = unsafe output
    var from = 0
    while from < bytes.count {
      let left = bytes.count &- from
      let word =
        UInt32(bytes[from]) << 16 | (left > 1 ? UInt32(bytes[from &+ 1]) << 8 : 0)
        | (left > 2 ? UInt32(bytes[from &+ 2]) : 0)
      // SAFETY: six bits are less than 64; four places are reserved for three bytes or less.
      unsafe to.storeBytes(of: alphabet[Int(word >> 18)], as: UInt8.self)
      unsafe to.storeBytes(of: alphabet[Int(word >> 12 & 63)], toByteOffset: 1, as: UInt8.self)
      let third = left > 1 ? unsafe alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "=")
      let fourth = left > 2 ? unsafe alphabet[Int(word & 63)] : UInt8(ascii: "=")
      unsafe to.storeBytes(of: third, toByteOffset: 2, as: UInt8.self)
      unsafe to.storeBytes(of: fourth, toByteOffset: 3, as: UInt8.self)
      unsafe to += 4
      from &+= 3
    }
  }
}
