// SPDX-License-Identifier: Apache-2.0

/// How far the body of a request has been read (RFC 9112 6 and 7.1).
///
/// ```
///   sized(n) --n bytes--> whole
///   size --line, n > 0--> chunk(n) --n bytes--> chunkEnd --CRLF--> size
///        --line, n = 0--> trailers --empty line--> whole
/// ```
struct HTTP1RequestBody {
  enum State: Equatable {
    case sized(Int)
    case size
    case chunk(Int)
    case chunkEnd
    case trailers
    case whole
  }

  /// Bytes of a line with a chunk's size.
  static let maxSizeLineBytes = 256
  /// Bytes of the extensions of all chunks of one body: they have no meaning for us.
  static let maxExtensionBytes = 4096

  var state = State.whole
  private var extensionBytes = 0
  private var trailerCount = 0
  private var trailerBytes = 0

  /// The body that `head` announces.
  init(_ head: HTTP1RequestHead) {
    if head.isChunked {
      state = .size
    } else if let length = head.contentLength, length > 0 {
      state = .sized(length)
    }
  }

  /// Whether the next byte is one that the client has announced, and should send.
  var isInsidePiece: Bool { state != .size && state != .whole }

  /// Reads the line in front of a chunk: the size, and extensions after a semicolon.
  mutating func readSize(_ line: UnsafeRawBufferPointer) throws(HTTP1Refusal) {
    let digits = line.prefix { $0 != UInt8(ascii: ";") }
    guard let size = HTTP1Syntax.hexadecimal(UnsafeRawBufferPointer(rebasing: digits)) else {
      throw .chunkSize
    }
    let extensions = UnsafeRawBufferPointer(rebasing: line[digits.endIndex...])
    guard HTTP1Syntax.isFieldValue(extensions) else { throw .chunkSize }
    extensionBytes += extensions.count
    guard extensionBytes <= Self.maxExtensionBytes else { throw .chunkExtensions }
    state = size == 0 ? .trailers : .chunk(size)
  }

  private static func isForbidden(_ name: UnsafeRawBufferPointer) -> Bool {
    switch name.count {
    case 4: name.isSame(as: "host")
    case 7: name.isSame(as: "upgrade")
    case 10: name.isSame(as: "connection")
    case 14: name.isSame(as: "content-length")
    case 16: name.isSame(as: "proxy-connection")
    case 17: name.isSame(as: "transfer-encoding")
    default: false
    }
  }

  /// Reads a line of the trailers. They have no meaning in any protocol of ours (RFC 9110 6.5.1 lets us drop them);
  /// those that say where a request goes, how it ends, or whether another follows must not be there, and may fool who
  /// stands between.
  mutating func readTrailer(
    _ line: UnsafeRawBufferPointer, limits: HTTPLimits
  ) throws(HTTP1Refusal) {
    if line.isEmpty {
      state = .whole
      return
    }
    let (name, _) = try HTTP1RequestHead.field(line)
    if Self.isForbidden(name) { throw .trailer }
    trailerCount += 1
    trailerBytes += line.count - 1 + 32
    guard trailerCount <= limits.maxHeaderFields, trailerBytes <= limits.maxHeaderListBytes else {
      throw .manyFields
    }
  }
}
