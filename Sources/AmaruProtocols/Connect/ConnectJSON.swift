// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// The JSON that Connect writes beside the messages. Source: "Error" and "EndStreamResponse" of the Connect protocol.
enum ConnectJSON {
  /// `{"code": ..., "message": ..., "details": [...]}`
  static func error(_ error: RPCError) -> String {
    var parts = ["\"code\":\(quoted(error.code.connectName))"]
    if !error.message.isEmpty { parts.append("\"message\":\(quoted(error.message))") }
    if !error.details.isEmpty {
      parts.append("\"details\":\(details(error))")
    }
    return "{\(parts.joined(separator: ","))}"
  }

  /// `[{"type": ..., "value": ...}]`
  static func details(_ error: RPCError) -> String {
    let details = error.details.map { detail in
      let type = detail.typeUrl.split(separator: "/").last ?? ""
      return "{\"type\":\(quoted(String(type))),\"value\":\"\(Base64.encode(detail.value))\"}"
    }
    return "[\(details.joined(separator: ","))]"
  }

  /// `{"error": ..., "metadata": {"name": ["value"]}}`
  static func end(_ error: RPCError?, _ trailing: Metadata) -> String {
    var parts: [String] = []
    if let error { parts.append("\"error\":\(self.error(error))") }
    var names: [String] = []
    for entry in trailing.entries where !names.contains(entry.name) { names.append(entry.name) }
    if !names.isEmpty {
      let fields = names.map { name in
        let values = trailing[name].map { quoted($0.onTheWire) }
        return "\(quoted(name)):[\(values.joined(separator: ","))]"
      }
      parts.append("\"metadata\":{\(fields.joined(separator: ","))}")
    }
    return "{\(parts.joined(separator: ","))}"
  }

  /// `text` as a string of JSON (RFC 8259 section 7).
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
