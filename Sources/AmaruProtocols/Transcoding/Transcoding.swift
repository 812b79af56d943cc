// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// What a binding makes of one request: messages of its body, and bodies of the response's messages.
///
/// A JSON body is read by the generated code of the request's type, and the fields of path and query come on top of it in
/// binary. A request without a body, or with a raw one (`google.api.HttpBody`), becomes a message in binary.
package struct Transcoding {
  private let binding: HTTPBinding
  /// The fields of path and query, in binary.
  private let fields: [UInt8]
  /// The type of the request's body.
  private let contentType: String

  /// What `binding` makes of a request.
  /// - Parameters:
  ///   - segments: those of the path, from ``HTTPBindings/match(_:method:)``.
  ///   - query: what stands behind `?`.
  ///   - contentType: the type of the body; nil for none.
  /// - Throws: `INVALID_ARGUMENT` that names the field or the parameter.
  package init(
    _ binding: HTTPBinding, segments: [Substring], query: Substring, contentType: String?
  ) throws(RPCError) {
    self.binding = binding
    self.contentType = contentType ?? ""
    fields = try binding.fields(segments: segments, query: query)
  }

  /// What serves the call.
  package var handler: Handler { binding.handler }

  // MARK: Requests

  /// Whether the request has no body.
  package var takesNoBody: Bool { binding.body == .none }
  /// Whether the bodies are as they are, and no JSON.
  package var takesRawBody: Bool { binding.hasRawBody }
  /// Whether a body that is not empty is the message as it is.
  package var isBodyMessage: Bool { binding.body == .whole && !takesRawBody }
  /// Whether messages of the response are their bodies as they are.
  package var hasPlainResponse: Bool { !givesRawBody && binding.responseField == nil }
  /// How ``message(_:)`` writes messages.
  package var codec: CallCodec { takesNoBody || takesRawBody ? .binary : .json }

  /// What is added to messages in JSON; nil for nothing.
  package var overlay: JSONOverlay? {
    guard codec == .json, !fields.isEmpty || !binding.prefix.isEmpty else { return nil }
    return JSONOverlay(fields: fields, prefixBytes: binding.prefix.count)
  }

  /// The message of a body, or of a part of one that is a message.
  /// - Throws: `INVALID_ARGUMENT` for a body where there is to be none.
  package func message(_ body: [UInt8]) throws(RPCError) -> [UInt8] {
    switch binding.body {
    case .none:
      guard body.isEmpty else {
        throw RPCError(
          .invalidArgument,
          "\(binding.httpMethod) \(binding.template.text) takes no body; send fields in the query")
      }
      return fields
    case .whole: return takesRawBody ? rawMessage(body, nil) : try json(body)
    case .field(let field): return takesRawBody ? rawMessage(body, field) : try json(body, field)
    }
  }

  /// JSON of the whole message. No body is a message without fields.
  private func json(
    _ body: [UInt8], _ field: FieldDescriptor? = nil
  ) throws(RPCError) -> [UInt8] {
    if body.isEmpty { return Array("{}".utf8) }
    guard let field else { return body }
    do {
      // Otherwise `1,"other":2` would set another field.
      try JSONMember.checkValue(body)
    } catch {
      throw RPCError(
        .invalidArgument, "the body is not the JSON of '\(field.name)': \(error)")
    }
    var text: [UInt8] = []
    text.reserveCapacity(binding.prefix.count + body.count + 1)
    text += binding.prefix
    text += body
    text.append(UInt8(ascii: "}"))
    return text
  }

  /// A `google.api.HttpBody` of the body, alone or in a field.
  private func rawMessage(_ body: [UInt8], _ field: FieldDescriptor?) -> [UInt8] {
    let message = Google_Api_HttpBody.with {
      $0.contentType = contentType
      $0.data = body
    }
    var writer = BackWriter()
    writer.prepend(contentsOf: fields)
    let before = writer.count
    message.writeBackward(&writer)
    if let field {
      writer.varint(UInt64(writer.count - before))
      writer.tag(UInt32(truncatingIfNeeded: field.number) << 3 | WireType.lengthDelimited.rawValue)
    }
    return writer.takeBytes()
  }

  // MARK: Responses

  /// Whether the bodies of the response are raw, and no JSON.
  package var givesRawBody: Bool { binding.hasRawResponse }
  /// How ``body(_:)`` wants messages.
  package var sentCodec: CallCodec { givesRawBody ? .binary : .json }

  /// The body of a message, and its type.
  package func body(_ message: [UInt8]) -> (contentType: String, bytes: [UInt8]) {
    guard givesRawBody else { return ("application/json", jsonBody(message)) }
    let body = rawBody(message)
    return (body.contentType.isEmpty ? "application/octet-stream" : body.contentType, body.data)
  }

  private func jsonBody(_ message: [UInt8]) -> [UInt8] {
    guard let field = binding.responseField else { return message }
    guard let range = JSONMember.value(named: field.jsonName, in: message) else {
      return Array(field.jsonOfUnset.utf8)
    }
    return Array(message[range])
  }

  private func rawBody(_ message: [UInt8]) -> Google_Api_HttpBody {
    // The handler's messages are valid, so that nothing is lost to an error.
    guard let field = binding.responseField else {
      return (try? Google_Api_HttpBody(decoding: message)) ?? .init()
    }
    let wanted =
      UInt32(truncatingIfNeeded: field.number) << 3 | WireType.lengthDelimited.rawValue
    var reader = Reader(message.span)
    while let tag = try? reader.nextTag() {
      if tag == wanted {
        return (try? reader.bytes()).flatMap { try? Google_Api_HttpBody(decoding: $0) } ?? .init()
      }
      guard (try? reader.skip(tag)) != nil else { break }
    }
    return .init()
  }
}

extension FieldDescriptor {
  /// The JSON of the field where it is not set: null for one that can tell that.
  fileprivate var jsonOfUnset: String {
    if isMap { return "{}" }
    if isRepeated { return "[]" }
    if hasPresence { return "null" }
    switch type {
    case .scalar(.string), .scalar(.bytes): return "\"\""
    case .scalar(.bool): return "false"
    case .scalar(.int64), .scalar(.uint64), .scalar(.sint64), .scalar(.fixed64), .scalar(.sfixed64):
      return "\"0\""
    case .scalar: return "0"
    case .enumeration(let type): return "\"\(type.value(number: 0)?.name ?? "0")\""
    case .message: return "null"
    }
  }
}
