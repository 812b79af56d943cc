// SPDX-License-Identifier: Apache-2.0

/// A protobuf message: a value type that can be read from and written to the binary format.
///
/// Conforming types are generated from a `.proto` file. A value without any field set equals
/// `init()`, and takes no bytes when encoded.
public protocol Message: Sendable, Hashable, CustomDebugStringConvertible {
  /// Makes a message without any field set.
  init()

  /// The full proto name without a leading dot, for example `inventory.Item`.
  static var protoName: String { get }

  /// The file that declares the message, with its descriptor.
  static var protoFile: ProtoFile { get }

  /// The fields that were read and are not in the schema. They are written again on encoding.
  var unknownFields: UnknownFields { get set }

  /// Reads fields until the reader's end, on top of the fields that are set already: singular
  /// fields are replaced, messages merged, repeated fields and maps extended.
  mutating func merge(from reader: inout Reader) throws(DecodingError)

  /// Writes the fields in front of what the writer holds, the last field first.
  func writeBackward(_ writer: inout BackWriter)

  /// The path of the first required field that is not set, here or in a message that this one
  /// holds; nil when there is none. Extensions are not looked into.
  var missingRequiredField: String? { get }

  /// Whether null in JSON is a value of the message; that is so for `google.protobuf.Value` only.
  static var readsJSONNull: Bool { get }

  /// Reads the JSON form into a message without any field set.
  mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError)

  /// Writes the JSON form.
  func writeJSON(_ writer: inout JSONWriter)
}

extension Message {
  /// Most messages have no required fields.
  @inlinable
  public var missingRequiredField: String? { nil }

  @inlinable public static var readsJSONNull: Bool { false }
}

extension Message {
  /// Decodes a message. Nested messages may be ``Reader/defaultDepthLimit`` deep.
  ///
  /// - Parameter allowsMissingFields: Take a message whose required fields are not all there.
  @inlinable
  public init(
    decoding bytes: RawSpan, allowsMissingFields: Bool = false
  ) throws(DecodingError) {
    self.init()
    var reader = Reader(bytes)
    try decode(&reader, allowsMissingFields)
  }

  /// Decodes a message. Nested messages may be ``Reader/defaultDepthLimit`` deep.
  ///
  /// - Parameter allowsMissingFields: Take a message whose required fields are not all there.
  @inlinable
  public init(
    decoding bytes: [UInt8], allowsMissingFields: Bool = false
  ) throws(DecodingError) {
    self.init()
    var reader = Reader(bytes.span)
    try decode(&reader, allowsMissingFields)
  }

  /// Reads a whole message, whose required fields must be there.
  @inlinable
  mutating func decode(
    _ reader: inout Reader, _ allowsMissingFields: Bool
  ) throws(DecodingError) {
    try merge(from: &reader)
    if !allowsMissingFields, let path = missingRequiredField {
      throw .missingRequiredField(path)
    }
  }

  /// The message in the binary format.
  ///
  /// - Parameter sortingMaps: Write map entries in the order of their keys, so that equal messages
  ///   of the same program give equal bytes. Otherwise the order of map entries is unspecified.
  @inlinable
  public func encoded(sortingMaps: Bool = false) -> [UInt8] {
    withEncoded(sortingMaps: sortingMaps) { writer in writer.takeBytes() }
  }

  /// Encodes the message and calls `body` with the writer that holds it. More bytes can be put
  /// in front there, such as the prefix of an envelope. A message of up to 1,000 bytes takes no
  /// heap memory.
  @inlinable
  @inline(__always)
  public func withEncoded<Result>(
    sortingMaps: Bool = false, _ body: (inout BackWriter) -> Result
  ) -> Result {
    BackWriter.withScratch { writer in
      writer.sortsMaps = sortingMaps
      writeBackward(&writer)
      return body(&writer)
    }
  }

  /// Makes a message and lets `populate` set its fields.
  @inlinable
  public static func with<Failure: Error>(
    _ populate: (inout Self) throws(Failure) -> Void
  ) throws(Failure) -> Self {
    var message = Self()
    try populate(&message)
    return message
  }
}
