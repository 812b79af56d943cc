// SPDX-License-Identifier: Apache-2.0

extension JSONReader {
  /// Reads the text that stands for a well-known type.
  ///
  /// - Parameters:
  ///   - type: The type's full proto name, for the error.
  ///   - parse: Gives nil when the text is none of the type.
  mutating func text<Value>(
    of type: String, _ parse: (Span<UInt8>) -> Value?
  ) throws(JSONDecodingError) -> Value {
    _ = token()
    let start = mark
    guard let value = try withString(parse) else { throw error(.invalidForm(type), at: start) }
    return value
  }
}
