// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The fields of Connect: which of a request's are metadata, and the head of a response.
enum ConnectFields {
  /// The metadata among the fields of a request ("Leading-Metadata").
  static func metadata(_ fields: HTTPFields) -> Metadata {
    GRPCFields.metadata(fields) { name in
      name.hasPrefix("connect-") || name == "content-encoding" || name == "accept-encoding"
    }
  }

  /// The usual heads: success, with nothing beside the message.
  static let json = PreparedFields(head(status: 200, contentType: "application/json"))
  static let binary = PreparedFields(head(status: 200, contentType: "application/proto"))

  /// The head of a response.
  static func head(status: Int, contentType: String) -> HTTPFields {
    var fields = HTTPFields()
    fields.add(":status", String(status))
    fields.add("content-type", contentType)
    return fields
  }
}
