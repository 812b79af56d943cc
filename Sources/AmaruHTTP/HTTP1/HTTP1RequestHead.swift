// SPDX-License-Identifier: Apache-2.0

/// The head of a request while it is read, line by line, and what HTTP/1.1 itself has to know of it.
///
/// The fields come out as those of HTTP/2 do: names in lower case, `:method`, `:scheme` and `:path` first, `:authority`
/// in place of `host`, and without the fields that are about the connection alone (RFC 9113 8.2.2).
struct HTTP1RequestHead {
  /// Bytes of a method; a longer one is none that anybody knows (RFC 9112 3).
  private static let maxMethodBytes = 64

  /// What has been read; its memory is used for each request anew.
  private(set) var fields = HTTPFields()
  private(set) var isHTTP10 = false
  /// Whether the response has no body whatever its length says (RFC 9110 9.3.2).
  private(set) var isHead = false
  private(set) var contentLength: Int?
  private(set) var isChunked = false
  /// Whether the client waits for `100 Continue` before it sends the body.
  private(set) var expectsContinue = false
  /// Whether the client reads trailers (RFC 9110 10.1.4).
  private(set) var acceptsTrailers = false
  private var hasTransferEncoding = false
  private var hasOtherExpectation = false
  private var hasHost = false
  private var hasAuthority = false
  private var closes = false
  private var keepsAlive = false
  private var count = 0
  private var size = 0

  /// Whether the client lets the connection stay open for further requests (RFC 9112 9.3).
  var isPersistent: Bool { !closes && (!isHTTP10 || keepsAlive) }

  /// Forgets the last request.
  mutating func begin() {
    var fields = fields
    self.fields = HTTPFields()
    fields.removeAll()
    self = HTTP1RequestHead()
    self.fields = fields
  }

  // MARK: The request line

  /// Reads the first line, without its end: `method SP target SP version`.
  mutating func readRequestLine(
    _ line: UnsafeRawBufferPointer, scheme: StaticString, limits: HTTPLimits
  ) throws(HTTP1Refusal) {
    guard let first = line.firstIndex(of: 0x20), let last = line.lastIndex(of: 0x20), first < last
    else { throw .requestLine }
    let method = UnsafeRawBufferPointer(rebasing: line[..<first])
    let target = UnsafeRawBufferPointer(rebasing: line[(first + 1)..<last])
    guard method.count <= Self.maxMethodBytes, HTTP1Syntax.isToken(method) else {
      throw .requestLine
    }
    try readVersion(UnsafeRawBufferPointer(rebasing: line[(last + 1)...]))
    guard HTTP1Syntax.isTarget(target) else { throw .target }
    isHead = method.equals("HEAD")
    if method.equals("CONNECT") { throw .connect }
    add(":method", method)
    try readTarget(target, isOptions: method.equals("OPTIONS"), scheme)
    guard size <= limits.maxHeaderListBytes else { throw .longTarget }
  }

  private mutating func readVersion(_ version: UnsafeRawBufferPointer) throws(HTTP1Refusal) {
    if version.equals("HTTP/1.1") { return }
    isHTTP10 = version.equals("HTTP/1.0")
    if isHTTP10 { return }
    let pattern: StaticString = "HTTP/d.d"
    let looksRight = version.elementsEqual(
      UnsafeRawBufferPointer(start: pattern.utf8Start, count: pattern.utf8CodeUnitCount)
    ) { byte, wanted in
      wanted == UInt8(ascii: "d")
        ? byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") : byte == wanted
    }
    throw looksRight ? .version : .requestLine
  }

  /// The four forms of a target (RFC 9112 3.2), but for that of CONNECT.
  private mutating func readTarget(
    _ target: UnsafeRawBufferPointer, isOptions: Bool, _ scheme: StaticString
  ) throws(HTTP1Refusal) {
    if target.first == UInt8(ascii: "/") || (isOptions && target.equals("*")) {
      add(":scheme", scheme)
      add(":path", target)
      return
    }
    let schemes: [StaticString] = ["http", "https"]
    for scheme in schemes {
      let rest = target.dropFirst(scheme.utf8CodeUnitCount)
      guard
        UnsafeRawBufferPointer(rebasing: target.prefix(scheme.utf8CodeUnitCount)).isSame(
          as: scheme),
        UnsafeRawBufferPointer(rebasing: rest.prefix(3)).equals("://")
      else { continue }
      let authority = rest.dropFirst(3).prefix {
        $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?")
      }
      let host = UnsafeRawBufferPointer(rebasing: authority)
      guard !host.isEmpty, HTTP1Syntax.isHost(host) else { throw .target }
      let path = UnsafeRawBufferPointer(rebasing: target[authority.endIndex...])
      add(":scheme", scheme)
      if path.first == UInt8(ascii: "/") {
        add(":path", path)
      } else if path.isEmpty, isOptions {
        // The server as a whole (RFC 9112 3.2.4).
        add(":path", "*")
      } else {
        ([UInt8(ascii: "/")] + path).withUnsafeBytes { add(":path", $0) }
      }
      add(":authority", host)
      hasAuthority = true
      return
    }
    throw .target
  }

  // MARK: Fields

  /// Reads a field's line, without its end.
  mutating func readField(
    _ line: UnsafeRawBufferPointer, limits: HTTPLimits
  ) throws(HTTP1Refusal) {
    let (name, value) = try Self.field(line)
    // Blanks around the value count too: without them, this is the size as HTTP/2 counts it.
    size += line.count - 1 + 32
    count += 1
    guard count <= limits.maxHeaderFields, size <= limits.maxHeaderListBytes else {
      throw .manyFields
    }
    if try readOwn(name, value) { fields.add(lowering: name, value) }
  }

  /// The name and value in a line (RFC 9112 5.1): nothing stands between name and colon, nor before the name.
  static func field(
    _ line: UnsafeRawBufferPointer
  ) throws(HTTP1Refusal) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer) {
    if let first = line.first, HTTP1Syntax.isBlank(first) { throw .folding }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .fieldName }
    let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
    guard HTTP1Syntax.isToken(name), name.count <= Int(UInt16.max) else { throw .fieldName }
    let value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...])
    guard HTTP1Syntax.isFieldValue(value) else { throw .fieldValue }
    return (name, HTTP1Syntax.trimmed(value))
  }

  /// Takes note of a field that HTTP itself needs; false for one that is about the connection, or is told in
  /// another way.
  private mutating func readOwn(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) throws(HTTP1Refusal) -> Bool {
    switch name.count {
    case 2 where name.isSame(as: "te"):
      if HTTP1Syntax.list(value, has: "trailers", weights: true) { acceptsTrailers = true }
    case 4 where name.isSame(as: "host"):
      guard !hasHost, HTTP1Syntax.isHost(value) else { throw .host }
      hasHost = true
      // An absolute target says it better (RFC 9112 3.2.2).
      if !hasAuthority { fields.add(bytes(":authority"), value) }
      return false
    case 6 where name.isSame(as: "expect"):
      if value.isSame(as: "100-continue") {
        expectsContinue = true
      } else {
        hasOtherExpectation = true
      }
    case 7 where name.isSame(as: "upgrade"): return false
    case 10 where name.isSame(as: "connection"):
      if HTTP1Syntax.list(value, has: "close") { closes = true }
      if HTTP1Syntax.list(value, has: "keep-alive") { keepsAlive = true }
      return false
    case 10 where name.isSame(as: "keep-alive"): return false
    case 14 where name.isSame(as: "content-length"):
      // Even twice the same is refused: who stands before us may have taken it for something else.
      guard contentLength == nil, let length = HTTP1Syntax.decimal(value) else {
        throw .contentLength
      }
      contentLength = length
    case 16 where name.isSame(as: "proxy-connection"): return false
    case 17 where name.isSame(as: "transfer-encoding"):
      if hasTransferEncoding { throw .twoLengths }
      hasTransferEncoding = true
      isChunked = value.isSame(as: "chunked")
      return false
    default: break
    }
    return true
  }

  /// The head has ended: looks whether its fields go together.
  mutating func end() throws(HTTP1Refusal) {
    guard hasHost || isHTTP10 else { throw .host }
    if hasTransferEncoding {
      if contentLength != nil || isHTTP10 { throw .twoLengths }
      guard isChunked else { throw .transferCoding }
    }
    // An older client does not know what it would wait for (RFC 9110 10.1.1).
    if isHTTP10 { expectsContinue = false } else if hasOtherExpectation { throw .expectation }
  }

  private mutating func add(_ name: StaticString, _ value: StaticString) {
    add(name, bytes(value))
  }

  private mutating func add(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
    fields.add(bytes(name), value)
    count += 1
    size += name.utf8CodeUnitCount + value.count + 32
  }

  private func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
