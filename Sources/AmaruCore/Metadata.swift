// SPDX-License-Identifier: Apache-2.0

/// The named values that travel beside the messages of a call: headers before, trailers after.
///
/// Names are lower-case ASCII, may repeat, and keep their order. A name that ends in `-bin` carries
/// bytes, any other printable ASCII text. Names that a wire uses for itself (`:...`, `grpc-...`,
/// `content-type`, `te`, ...) cannot be added. Source: "Custom-Metadata" in gRPC's `PROTOCOL-HTTP2.md`.
public struct Metadata: Sendable, Hashable {
  /// One name with one value.
  public struct Entry: Sendable, Hashable {
    /// The name, in lower case.
    public let name: String
    /// The value.
    public let value: Value
  }

  /// A value: text, or bytes where the name ends in `-bin`.
  public enum Value: Sendable, Hashable {
    /// Printable ASCII.
    case text(String)
    /// Any bytes.
    case binary([UInt8])
  }

  /// The entries in the order in which they were added or received.
  public private(set) var entries: [Entry] = []

  /// Makes empty metadata.
  public init() {}

  /// Whether nothing is there.
  public var isEmpty: Bool { entries.isEmpty }
  /// How many entries there are.
  public var count: Int { entries.count }

  /// The first text value under `name`, which is compared in lower case; nil when there is none.
  public func text(_ name: String) -> String? {
    let name = name.lowercased()
    for case let entry in entries where entry.name == name {
      if case .text(let text) = entry.value { return text }
    }
    return nil
  }

  /// The first bytes under `name`, which ends in `-bin`; nil when there are none.
  public func binary(_ name: String) -> [UInt8]? {
    let name = name.lowercased()
    for entry in entries where entry.name == name {
      if case .binary(let bytes) = entry.value { return bytes }
    }
    return nil
  }

  /// All values under `name`, in order.
  public subscript(_ name: String) -> [Value] {
    let name = name.lowercased()
    return entries.filter { $0.name == name }.map(\.value)
  }

  /// Adds text under `name`.
  ///
  /// - Throws: ``MetadataError`` for a name that is not a token, is reserved or ends in `-bin`, and for
  ///   text that is not printable ASCII or that begins or ends with a space.
  public mutating func add(_ name: String, _ text: String) throws(MetadataError) {
    let name = try Self.validated(name)
    guard !name.hasSuffix("-bin") else { throw .bytesExpected(name) }
    let bytes = text.utf8
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 <= 0x7e }), bytes.first != 0x20, bytes.last != 0x20
    else { throw .notPrintableASCII(name) }
    entries.append(Entry(name: name, value: .text(text)))
  }

  /// Adds bytes under `name`, which must end in `-bin`.
  ///
  /// - Throws: ``MetadataError`` for a name that is not a token, is reserved or lacks `-bin`.
  public mutating func add(_ name: String, _ bytes: [UInt8]) throws(MetadataError) {
    let name = try Self.validated(name)
    guard name.hasSuffix("-bin") else { throw .textExpected(name) }
    entries.append(Entry(name: name, value: .binary(bytes)))
  }

  /// Adds every entry of `other` behind the ones that are here.
  public mutating func append(_ other: Metadata) { entries.append(contentsOf: other.entries) }

  /// Adds an entry that a wire has received and checked.
  package mutating func append(received name: String, _ value: Value) {
    entries.append(Entry(name: name, value: value))
  }

  /// The name in lower case, when it may be used.
  private static func validated(_ name: String) throws(MetadataError) -> String {
    let lower = name.lowercased()
    let isToken = lower.utf8.allSatisfy { byte in
      (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
        || byte == 0x2d || byte == 0x5f || byte == 0x2e
    }
    guard isToken, !lower.isEmpty else { throw .invalidName(name) }
    guard !isReserved(lower) else { throw .reservedName(name) }
    return lower
  }

  /// Whether a received field is the wire's own and no metadata. Of the `grpc-` names, those that carry
  /// something for the application, such as `grpc-trace-bin`, are.
  package static func isProtocol(_ name: String) -> Bool {
    switch name {
    case "grpc-trace-bin", "grpc-tags-bin", "grpc-previous-rpc-attempts",
      "grpc-retry-pushback-ms":
      false
    default: isReserved(name)
    }
  }

  /// Whether a name in lower case belongs to a wire.
  package static func isReserved(_ name: String) -> Bool {
    switch name {
    case "content-type", "te", "connection", "keep-alive", "proxy-connection", "upgrade", "host",
      "transfer-encoding", "content-length":
      true
    default: name.hasPrefix("grpc-") || name.hasPrefix(":")
    }
  }
}
