// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

/// What a peer may get wrong, and the error that RFC 9113 names for it.
struct ProtocolErrorTests {
  @Test(arguments: [
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!", "\0\0\0\0\0\0\0\0\0\0\0\0",
    "PRI * HTTP/1.1\r\n\r\nSM\r\n\r\nxxxxxxxx",
  ])
  func aWrongPrefaceEndsTheConnectionWithoutGoAway(_ text: String) {
    for pieces in [[text], text.map { String($0) }] {
      let connection = MemoryConnection()
      for piece in pieces { connection.receive(Array(piece.utf8)) }
      #expect(connection.http.isDone)
      #expect(connection.requests.isEmpty)
      #expect(connection.peer.goAways.isEmpty)
    }
  }

  @Test func aFirstFrameThatIsNotSettingsIsAProtocolError() {
    let connection = MemoryConnection()
    connection.receive(Frame.preface + Frame.ping().bytes)
    #expect(connection.http.isDone)
    #expect(connection.peer.goAways == [.init(0, .protocolError)])
  }

  struct BadFrame: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let code: ErrorCode

    init(_ description: String, _ code: ErrorCode, _ frames: Frame...) {
      testDescription = description
      bytes = frames.flatMap(\.bytes)
      self.code = code
    }
  }

  static let connectionErrors = [
    BadFrame("a frame over 16,384 bytes", .frameSizeError, .data(1, [UInt8](repeating: 0, count: 16_385))),
    BadFrame("HEADERS over 16,384 bytes", .frameSizeError, Frame(.headers, flags: 4, stream: 3, [UInt8](repeating: 0, count: 16_385))),
    BadFrame("an unknown frame over 16,384 bytes", .frameSizeError, Frame(type: 99, [UInt8](repeating: 0, count: 16_385))),
    BadFrame("DATA on stream 0", .protocolError, .data(0, [1])),
    BadFrame("HEADERS on stream 0", .protocolError, .headers(0, grpcFields("/"))),
    BadFrame("HEADERS on a stream of the server", .protocolError, .headers(2, grpcFields("/"))),
    BadFrame("DATA on a stream that never was", .protocolError, .data(5, [1])),
    BadFrame("RST_STREAM on a stream that never was", .protocolError, .reset(5, .cancel)),
    BadFrame("RST_STREAM of 3 bytes", .frameSizeError, Frame(.resetStream, stream: 1, [0, 0, 0])),
    BadFrame("SETTINGS of 5 bytes", .frameSizeError, Frame(.settings, [0, 0, 0, 0, 0])),
    BadFrame("SETTINGS on a stream", .protocolError, Frame(.settings, stream: 1)),
    BadFrame("SETTINGS ack with a payload", .frameSizeError, Frame(.settings, flags: Frame.ack, [0, 3, 0, 0, 0, 1])),
    BadFrame("a window setting over 2^31-1", .flowControlError, .initialWindow(1 << 31)),
    BadFrame("a frame size setting below 16,384", .protocolError, Frame.settings([(Setting.maxFrameSize, UInt32(16_383))])),
    BadFrame("PING of 7 bytes", .frameSizeError, Frame(.ping, [0, 0, 0, 0, 0, 0, 0])),
    BadFrame("PING on a stream", .protocolError, Frame(.ping, stream: 1, [0, 0, 0, 0, 0, 0, 0, 0])),
    BadFrame("WINDOW_UPDATE of 0 on the connection", .protocolError, .windowUpdate(0, 0)),
    BadFrame("WINDOW_UPDATE over 2^31-1 on the connection", .flowControlError, .windowUpdate(0, 0x7fff_ffff)),
    BadFrame("WINDOW_UPDATE of 3 bytes", .frameSizeError, Frame(.windowUpdate, [0, 0, 1])),
    BadFrame("PUSH_PROMISE of a client", .protocolError, Frame(.pushPromise, flags: 4, stream: 1, [0, 0, 0, 2])),
    BadFrame("CONTINUATION without HEADERS", .protocolError, .continuation(3, [], end: true)),
    BadFrame("a frame between HEADERS and CONTINUATION", .protocolError, Frame(.headers, stream: 3, []), .ping()),
    BadFrame("CONTINUATION on another stream", .protocolError, Frame(.headers, stream: 3, []), .continuation(5, [], end: true)),
    BadFrame("padding longer than the frame", .protocolError, Frame(.data, flags: Frame.padded, stream: 1, [5, 1, 2])),
    BadFrame("an index beyond the HPACK table", .compressionError, Frame(.headers, flags: 4, stream: 3, [0xff, 0x80, 0x01])),
    BadFrame("the HPACK index 0", .compressionError, Frame(.headers, flags: 4, stream: 3, [0x80])),
    BadFrame("a HPACK block that is cut short", .compressionError, Frame(.headers, flags: 4, stream: 3, [0x00, 0x05, 0x61])),
    BadFrame("a HPACK table size over the limit", .compressionError, Frame(.headers, flags: 4, stream: 3, [0x3f, 0xff, 0xff, 0x03])),
    BadFrame(
      "HPACK with a bad Huffman code", .compressionError, Frame(.headers, flags: 4, stream: 3, [0x00, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00])),
    BadFrame(
      "a HPACK integer without end", .compressionError, Frame(.headers, flags: 4, stream: 3, [0xff] + [UInt8](repeating: 0xff, count: 20))),
  ]

  @Test(arguments: connectionErrors)
  func aFrameThatBreaksTheConnectionIsAnsweredWithGoAway(_ bad: BadFrame) {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/a")))
    connection.receive(bad.bytes)
    connection.receive(.ping(9))
    #expect(connection.peer.goAways.map(\.code) == [bad.code.rawValue])
    #expect(connection.http.isDone)
    #expect(connection.peer.pongs.isEmpty)
    connection.http.lost()
    #expect(connection.requests.map(\.closures) == [[.connectionLost]])
  }

  static let streamErrors: [(String, ErrorCode, [Field])] = [
    ("no :path", .protocolError, [":method: POST", ":scheme: http", ":authority: a"]),
    ("no :method", .protocolError, [":scheme: http", ":path: /", ":authority: a"]),
    ("no :scheme", .protocolError, [":method: POST", ":path: /", ":authority: a"]),
    ("an empty :path", .protocolError, [":method: POST", ":scheme: http", ":path: ", ":authority: a"]),
    ("a :path without a slash", .protocolError, [":method: POST", ":scheme: http", ":path: a.B/C", ":authority: a"]),
    (":path twice", .protocolError, [":path: /"] + grpcFields("/a")),
    (":method twice", .protocolError, [":method: GET"] + grpcFields("/a")),
    ("a pseudo-field after a field", .protocolError, [":method: POST", ":scheme: http", "a: b", ":path: /"]),
    ("an unknown pseudo-field", .protocolError, [":other: x"] + grpcFields("/a")),
    ("a pseudo-field of responses", .protocolError, [":status: 200"] + grpcFields("/a")),
    ("an upper-case name", .protocolError, grpcFields("/a", ["Key: value"])),
    ("an empty name", .protocolError, grpcFields("/a", [Field("", "v")])),
    ("a name with a space", .protocolError, grpcFields("/a", [Field("a b", "v")])),
    ("a value with a line break", .protocolError, grpcFields("/a", [Field("a", "x\r\ny")])),
    ("a value with NUL", .protocolError, grpcFields("/a", [Field("a", "x\0y")])),
    ("connection", .protocolError, grpcFields("/a", ["connection: close"])),
    ("transfer-encoding", .protocolError, grpcFields("/a", ["transfer-encoding: chunked"])),
    ("upgrade", .protocolError, grpcFields("/a", ["upgrade: h2c"])),
    ("te other than trailers", .protocolError, grpcFields("/a", ["te: gzip"])),
    ("a content-length that is no number", .protocolError, grpcFields("/a", ["content-length: x"])),
  ]

  @Test(arguments: streamErrors.indices)
  func aMalformedHeadResetsItsStreamAndNothingElse(_ index: Int) {
    let (name, code, fields) = Self.streamErrors[index]
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/before")), .headers(3, fields, end: true))
    connection.receive(.headers(5, grpcFields("/after"), end: true), .data(1, [1], end: true))
    #expect(connection.peer[3].reset == code.rawValue, "\(name)")
    #expect(connection.peer.goAways.isEmpty, "\(name)")
    let served = connection.requests.filter { $0.ends == 1 }.map(\.head.path)
    #expect(served == ["/before", "/after"], "\(name)")
    // Nothing remains that the clock would take for a list that is still coming in.
    #expect(connection.http.headerBlockBegan == nil, "\(name)")
  }

  @Test(arguments: streamErrors.indices)
  func aMalformedHeadLeavesNoListOpen(_ index: Int) {
    let connection = MemoryConnection.open()
    connection.now = 5
    connection.receive(.headers(1, Self.streamErrors[index].2, end: true))
    #expect(connection.http.headerBlockBegan == nil, "\(Self.streamErrors[index].0)")
  }

  @Test func aListThatIsStillComingInHasItsTime() {
    let connection = MemoryConnection.open()
    connection.now = 77
    connection.receive(Frame(.headers, stream: 1, HPACK.literal(grpcFields("/"))))
    #expect(connection.http.headerBlockBegan == 77)
    connection.now = 99
    connection.receive(.continuation(1, [], end: true))
    #expect(connection.http.headerBlockBegan == nil)
  }

  @Test func aBodyThatDoesNotMatchItsContentLengthResetsTheStream() {
    let connection = MemoryConnection.open()
    connection.receive(
      .headers(1, grpcFields("/", ["content-length: 3"])), .data(1, [1, 2], end: true))
    connection.receive(.headers(3, grpcFields("/", ["content-length: 1"])), .data(3, [1, 2]))
    #expect(connection.peer[1].reset == ErrorCode.protocolError.rawValue)
    #expect(connection.peer[3].reset == ErrorCode.protocolError.rawValue)
    #expect(connection.requests.map(\.ends) == [0, 0])
    #expect(connection.requests.map(\.closures) == [[.reset(1)], [.reset(1)]])
  }

  @Test func dataAfterTheEndIsStreamClosed() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/"), end: true), .data(1, [1]))
    #expect(
      connection.peer[1].reset == ErrorCode.streamClosed.rawValue
        || connection.peer.goAways.map(\.code) == [ErrorCode.streamClosed.rawValue])
    #expect(connection.requests[0].body.isEmpty)
  }

  @Test func aStreamNumberThatGoesBackBeginsNothing() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(5, grpcFields("/")), .headers(3, grpcFields("/")))
    // nghttp2 takes it for a late frame of a closed stream (RFC 9113 5.1).
    #expect(connection.requests.count == 1)
    #expect(connection.peer[3].blocks.isEmpty)
  }

  @Test func windowUpdateOfZeroOrTooMuchOnAStreamResetsIt() {
    let connection = MemoryConnection.open()
    connection.receive(.headers(1, grpcFields("/")), .windowUpdate(1, 0x7fff_ffff))
    #expect(connection.peer[1].reset == ErrorCode.flowControlError.rawValue)
    connection.receive(.headers(3, grpcFields("/")), .ping())
    #expect(connection.peer.goAways.isEmpty)
    #expect(connection.requests.count == 2)
  }

  @Test func oneStreamMoreThanAllowedIsRefusedToAPeerThatMayNotKnowTheLimit() {
    let connection = MemoryConnection(HTTPLimits(maxConcurrentStreams: 3))
    connection.receive(Frame.preface + Frame.settings().bytes)
    for stream: UInt32 in [1, 3, 5, 7] { connection.receive(.headers(stream, grpcFields("/"))) }
    #expect(connection.requests.count == 3)
    #expect(connection.peer[7].reset == ErrorCode.refusedStream.rawValue)
    connection.receive(.settingsAck, .reset(1, .cancel), .headers(9, grpcFields("/")))
    #expect(connection.requests.count == 4)
    #expect(connection.peer.goAways.isEmpty)
  }

  @Test func oneStreamMoreThanAllowedIsAProtocolErrorOfAPeerThatKnowsTheLimit() {
    let connection = MemoryConnection.open(HTTPLimits(maxConcurrentStreams: 3))
    for stream: UInt32 in [1, 3, 5, 7] { connection.receive(.headers(stream, grpcFields("/"))) }
    #expect(connection.requests.count == 3)
    // nghttp2 ends the connection, as RFC 9113 5.4.2 allows for a stream error.
    #expect(connection.peer.goAways == [.init(5, .protocolError)])
  }

  @Test func everyTruncationOfARequestIsSilentAndHarmless() {
    let bytes =
      Frame.preface + Frame.settings().bytes + Frame.headers(1, grpcFields("/")).bytes
      + Frame.data(1, [1, 2, 3], end: true).bytes
    for count in 0..<bytes.count {
      let connection = MemoryConnection()
      connection.receive(Array(bytes[..<count]))
      #expect(connection.peer.goAways.isEmpty)
      #expect(connection.requests.allSatisfy { $0.ends == 0 })
      connection.http.lost()
      #expect(connection.requests.allSatisfy { $0.closures == [.connectionLost] })
    }
  }
}
