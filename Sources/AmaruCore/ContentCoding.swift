// SPDX-License-Identifier: Apache-2.0

/// How messages are compressed. Source: "Message-Encoding" in gRPC's `PROTOCOL-HTTP2.md`.
public enum ContentCoding: String, Sendable, Hashable, CaseIterable {
  /// Not at all.
  case identity
  /// The zlib format (RFC 1950).
  case deflate
  /// The gzip format (RFC 1952).
  case gzip

  /// All names, as `grpc-accept-encoding` lists them.
  package static let acceptList = allCases.map(\.rawValue).joined(separator: ",")

  /// Whether a list of names, separated by commas, holds this one.
  package func isAccepted(by list: String) -> Bool {
    list.split(separator: ",").contains { name in
      name.drop { $0 == " " }.prefix { $0 != " " && $0 != ";" } == rawValue
    }
  }
}
