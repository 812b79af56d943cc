// SPDX-License-Identifier: Apache-2.0

/// The head of a response as a handler gave it, and how HTTP/1.1 writes it.
struct HTTP1ResponseHead {
  private let fields: HTTPFields
  /// The status; 500 for one that ends no request.
  let status: Int
  /// The length that the handler says its body has.
  private let declaredLength: Int?
  /// Whether the handler says that it will send trailers.
  private let declaresTrailers: Bool
  private let hasDate: Bool
  /// Whether the handler wants the connection closed.
  let asksToClose: Bool

  init(_ fields: HTTPFields) {
    self.fields = fields
    var status = 500
    var length: Int?
    var hasTrailer = false
    var hasDate = false
    var asksToClose = false
    fields.forEach { name, value in
      switch name.count {
      case 4 where name.equals("date"): hasDate = true
      case 7 where name.equals(":status"):
        if let number = HTTP1Syntax.decimal(value), (200...999).contains(number) { status = number }
      case 7 where name.equals("trailer"): hasTrailer = true
      case 10 where name.equals("connection"):
        if HTTP1Syntax.list(value, has: "close") { asksToClose = true }
      case 14 where name.equals("content-length"): length = HTTP1Syntax.decimal(value)
      default: break
      }
    }
    self.status = status
    declaredLength = length
    declaresTrailers = hasTrailer
    self.hasDate = hasDate
    self.asksToClose = asksToClose
  }

  // MARK: The length of the body

  /// How the body of the response on `stream` to `request` ends. Of a response that is whole, the length is known.
  func framing(of stream: HTTP1Stream, for request: HTTP1RequestHead) -> HTTP1Framing {
    if request.isHead || !mayHaveBody { return .none }
    let hasTrailers = stream.trailers.count > 0 && (request.acceptsTrailers || declaresTrailers)
    if stream.isEnded, !hasTrailers || request.isHTTP10 { return .sized(stream.unsentBytes) }
    if !stream.isEnded, let declaredLength { return .sized(declaredLength) }
    return request.isHTTP10 ? .untilClose : .chunked
  }

  /// Whether the status allows a body (RFC 9110 15.3.5, 15.3.6, 15.4.5).
  private var mayHaveBody: Bool { status != 204 && status != 205 && status != 304 }

  /// The length to say: of a body that is not sent, it is the handler's word (RFC 9110 8.6).
  private func length(_ framing: HTTP1Framing) -> Int? {
    switch framing {
    case .sized(let length): length
    case .none where status == 204: nil
    case .none where status == 205: 0
    case .none: declaredLength
    case .chunked, .untilClose: nil
    }
  }

  // MARK: Writing

  /// Writes the status line and the fields, and the empty line after them.
  func write(
    _ framing: HTTP1Framing, isHTTP10: Bool, closes: Bool, date: HTTPDate?,
    to output: inout ByteQueue
  ) {
    output.append("HTTP/1.1 ")
    output.append(String(status))
    output.append(" ")
    output.append(reason)
    output.append("\r\n")
    if let date, !hasDate {
      output.append("date: ")
      output.append(date.value)
      output.append("\r\n")
    }
    Self.write(fields, to: &output)
    if let length = length(framing) {
      output.append("content-length: ")
      output.append(String(length))
      output.append("\r\n")
    } else if framing == .chunked {
      output.append("transfer-encoding: chunked\r\n")
    }
    if closes {
      output.append("connection: close\r\n")
    } else if isHTTP10 {
      output.append("connection: keep-alive\r\n")
    }
    output.append("\r\n")
  }

  /// Writes fields, but for those that the connection writes itself. No field can be more than one line: a name that
  /// is no token is left out with its value, and a control character becomes a space (RFC 9110 5.5).
  static func write(_ fields: HTTPFields, to output: inout ByteQueue) {
    fields.forEach { name, value in
      guard HTTP1Syntax.isToken(name), !isOwn(name) else { return }
      output.append(name)
      output.append(": ")
      if HTTP1Syntax.isFieldValue(value) {
        output.append(value)
      } else {
        let mended = value.map { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) ? $0 : 0x20 }
        mended.withUnsafeBytes { output.append($0) }
      }
      output.append("\r\n")
    }
  }

  private static func isOwn(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 7: name.isSame(as: "upgrade")
    case 10: name.isSame(as: "connection") || name.isSame(as: "keep-alive")
    case 14: name.isSame(as: "content-length")
    case 16: name.isSame(as: "proxy-connection")
    case 17: name.isSame(as: "transfer-encoding")
    default: false
    }
  }

  /// A phrase for persons; what has none is empty (RFC 9112 4).
  private var reason: StaticString {
    switch status {
    case 200: "OK"
    case 201: "Created"
    case 202: "Accepted"
    case 204: "No Content"
    case 206: "Partial Content"
    case 301: "Moved Permanently"
    case 302: "Found"
    case 303: "See Other"
    case 304: "Not Modified"
    case 307: "Temporary Redirect"
    case 308: "Permanent Redirect"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 415: "Unsupported Media Type"
    case 417: "Expectation Failed"
    case 422: "Unprocessable Content"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 499: "Client Closed Request"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }
}
