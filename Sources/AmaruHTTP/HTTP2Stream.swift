// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// One HTTP/2 stream of a server connection. Confined to the connection's loop.
///
/// The body waits here until nghttp2 asks for it, which it does as the peer's windows allow:
/// `sendBody` appends, ``write(into:)`` takes away.
package final class HTTP2Stream: HTTPServerStream {
  let id: Int32
  @exclusivity(unchecked) unowned(unsafe) var connection: HTTP2Connection?
  @exclusivity(unchecked) var handler: (any HTTPRequestHandler)?
  /// Its place among the connection's open streams.
  @exclusivity(unchecked) var index = 0
  /// Whether the peer has sent its last byte.
  @exclusivity(unchecked) var isRemoteClosed = false
  @exclusivity(unchecked) private(set) var keptBytes = 0
  @exclusivity(unchecked) private var body = ByteQueue()
  @exclusivity(unchecked) private var trailers: Trailers?
  @exclusivity(unchecked) private var isHeadSent = false
  @exclusivity(unchecked) private var isDeferred = false
  @exclusivity(unchecked) private var isAboveMark = false

  private enum Trailers {
    case prepared(PreparedFields)
    case fields(HTTPFields)
  }

  init(id: Int32, connection: HTTP2Connection) {
    self.id = id
    self.connection = connection
  }

  // MARK: Sending

  package func sendHead(_ fields: HTTPFields, end: Bool) {
    guard let connection, !isHeadSent else { return }
    isHeadSent = true
    withPairs(fields) { pairs in
      if end {
        nghttp2_submit_response(connection.session, id, pairs.baseAddress, pairs.count, nil)
        stopPeer()
      } else {
        submitHead(pairs, connection)
      }
    }
    connection.hasOutput = true
  }

  package func sendHead(_ fields: PreparedFields) {
    guard let connection, !isHeadSent else { return }
    isHeadSent = true
    submitHead(fields.pairs, connection)
    connection.hasOutput = true
  }

  package func sendBody(_ bytes: UnsafeRawBufferPointer) {
    guard connection != nil, trailers == nil else { return }
    body.append(bytes)
    if unsentBytes >= sendBufferBytes { isAboveMark = true }
    resume()
  }

  package func sendTrailers(_ fields: HTTPFields) { end(.fields(fields)) }

  package func sendTrailers(_ fields: PreparedFields) { end(.prepared(fields)) }

  package func reset(_ reason: HTTPStreamReset) {
    guard let connection else { return }
    nghttp2_submit_rst_stream(
      connection.session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, reason.code)
    connection.hasOutput = true
  }

  package var unsentBytes: Int { body.count }

  private var sendBufferBytes: Int { connection?.limits.sendBufferBytes ?? 0 }

  private func end(_ trailers: Trailers) {
    guard connection != nil, self.trailers == nil else { return }
    self.trailers = trailers
    resume()
  }

  private func submitHead(
    _ pairs: UnsafeMutableBufferPointer<nghttp2_nv>, _ connection: HTTP2Connection
  ) {
    var provider = nghttp2_data_provider()
    // SAFETY: nghttp2 asks only while the stream is open, and the connection keeps open streams alive.
    provider.source.ptr = Unmanaged.passUnretained(self).toOpaque()
    provider.read_callback = HTTP2Callbacks.readBody
    nghttp2_submit_response(connection.session, id, pairs.baseAddress, pairs.count, &provider)
  }

  private func resume() {
    guard let connection else { return }
    if isDeferred {
      isDeferred = false
      nghttp2_session_resume_data(connection.session, id)
    }
    connection.hasOutput = true
  }

  // MARK: Being asked, by nghttp2

  /// How many bytes of body the next DATA frame has, of at most `limit`, and its flags.
  func nextFrame(_ limit: Int, _ flags: inout UInt32) -> Int {
    let count = min(limit, unsentBytes)
    if count == 0, trailers == nil {
      isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    flags |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue)
    if count == unsentBytes, let trailers {
      flags |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      if submit(trailers) { flags |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue) }
    }
    return count
  }

  /// Moves the bytes of the frame that ``nextFrame(_:_:)`` announced to `target`.
  func write(_ count: Int, to target: UnsafeMutableRawPointer) {
    body.take(count, to: target)
    if isAboveMark, unsentBytes < max(sendBufferBytes / 2, 1) {
      isAboveMark = false
      handler?.roomAvailable()
    }
  }

  /// Sends the trailers; false when there are none, and the last DATA frame ends the stream.
  private func submit(_ trailers: Trailers) -> Bool {
    guard let connection else { return false }
    defer { stopPeer() }
    switch trailers {
    case .prepared(let fields):
      nghttp2_submit_trailer(
        connection.session, id, fields.pairs.baseAddress, fields.pairs.count)
    case .fields(let fields):
      guard fields.count > 0 else { return false }
      withPairs(fields) { pairs in
        _ = nghttp2_submit_trailer(connection.session, id, pairs.baseAddress, pairs.count)
      }
    }
    return true
  }

  /// The response is whole: a peer that still sends is told to stop (RFC 9113 8.1).
  private func stopPeer() { if !isRemoteClosed { connection?.answered.append(id) } }

  private func withPairs(
    _ fields: HTTPFields, _ body: (UnsafeMutableBufferPointer<nghttp2_nv>) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(fields.count, 1)) { pairs in
      var index = 0
      fields.forEach { name, value in
        // SAFETY: nghttp2 copies both before the submission returns; the list holds until then.
        pairs.initializeElement(
          at: index,
          to: nghttp2_nv(
            name: UnsafeMutablePointer(
              mutating: name.baseAddress?.assumingMemoryBound(to: UInt8.self)),
            value: UnsafeMutablePointer(
              mutating: value.baseAddress?.assumingMemoryBound(to: UInt8.self)),
            namelen: name.count, valuelen: value.count,
            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
        index += 1
      }
      body(UnsafeMutableBufferPointer(rebasing: pairs[..<index]))
    }
  }

  // MARK: Receiving

  package func kept(_ count: Int) {
    keptBytes += count
    connection?.keptBytes += count
  }

  package func released(_ count: Int) {
    let count = min(count, keptBytes)
    keptBytes -= count
    connection?.keptBytes -= count
  }

  package func credit(_ count: Int) {
    guard let connection, !isRemoteClosed, count > 0 else { return }
    nghttp2_session_consume_stream(connection.session, id, count)
    connection.hasOutput = true
  }

  /// The stream is no more.
  func close(_ reason: HTTPStreamClosure?) {
    guard let connection else { return }
    connection.keptBytes -= keptBytes
    keptBytes = 0
    self.connection = nil
    body.removeAll()
    let handler = handler
    self.handler = nil
    handler?.closed(reason)
  }
}

extension HTTPStreamReset {
  fileprivate var code: UInt32 {
    switch self {
    case .noError: NGHTTP2_NO_ERROR.rawValue
    case .cancelled: NGHTTP2_CANCEL.rawValue
    case .internalError: NGHTTP2_INTERNAL_ERROR.rawValue
    case .refused: NGHTTP2_REFUSED_STREAM.rawValue
    case .enhanceYourCalm: NGHTTP2_ENHANCE_YOUR_CALM.rawValue
    }
  }
}
