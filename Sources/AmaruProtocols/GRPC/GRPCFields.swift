// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// The fields of gRPC over HTTP/2: heads, trailers and metadata. Source: `PROTOCOL-HTTP2.md`.
enum GRPCFields {
  /// `:status 200` and the usual content type.
  static let head = PreparedFields(head(contentType: "application/grpc"))
  /// `grpc-status: 0`.
  static let success = PreparedFields(
    {
      var fields = HTTPFields()
      fields.add("grpc-status", "0")
      return fields
    }())

  /// The head of a response.
  static func head(contentType: String) -> HTTPFields {
    var fields = HTTPFields()
    fields.add(":status", "200")
    fields.add("content-type", contentType)
    return fields
  }

  /// The metadata among the fields of a request: all but what belongs to HTTP and to gRPC, and
  /// what `isOther` names.
  ///
  /// A `-bin` value may hold several, separated by commas; one that is not base64 is dropped.
  static func metadata(
    _ fields: HTTPFields, except isOther: (String) -> Bool = { _ in false }
  ) -> Metadata {
    var metadata = Metadata()
    fields.forEach { name, value in
      let name = String(decoding: name, as: UTF8.self)
      guard !Metadata.isProtocol(name), !isOther(name) else { return }
      if name.hasSuffix("-bin") {
        for part in value.split(separator: 0x2c, omittingEmptySubsequences: false) {
          var trimmed = part.drop { $0 == 0x20 || $0 == 0x09 }
          while trimmed.last == 0x20 || trimmed.last == 0x09 { trimmed = trimmed.dropLast() }
          if let bytes = Base64.decode(trimmed) { metadata.append(received: name, .binary(bytes)) }
        }
      } else {
        metadata.append(received: name, .text(String(decoding: value, as: UTF8.self)))
      }
    }
    return metadata
  }

  /// Adds metadata to a head or trailers, with `prefix` in front of each name.
  static func add(_ metadata: Metadata, prefix: String = "", to fields: inout HTTPFields) {
    for entry in metadata.entries { fields.add(prefix + entry.name, entry.value.onTheWire) }
  }

  /// The message, cut where it is too long for a field: peers take header lists of 8 KiB or so, and a list over
  /// 64 KiB cannot be sent at all.
  private static func shortened(_ message: String) -> String {
    guard message.utf8.count > maxMessageBytes else { return message }
    var text = ""
    var count = 0
    for character in message {
      count += character.utf8.count
      if count > maxMessageBytes - 3 { break }
      text.append(character)
    }
    return text + "…"
  }

  private static let maxMessageBytes = 2048

  /// Adds a status: `grpc-status`, `grpc-message`, `grpc-status-details-bin` and the error's metadata.
  static func add(_ error: RPCError?, to fields: inout HTTPFields) {
    fields.add("grpc-status", String(error?.code.rawValue ?? 0))
    guard let error else { return }
    if !error.message.isEmpty {
      fields.add("grpc-message", PercentEncoding.encode(shortened(error.message)))
    }
    if !error.details.isEmpty {
      var status = Google_Rpc_Status()
      status.code = Int32(error.code.rawValue)
      status.message = shortened(error.message)
      status.details = error.details
      fields.add("grpc-status-details-bin", Base64.encode(status.encoded()))
    }
    add(error.metadata, to: &fields)
  }
}
