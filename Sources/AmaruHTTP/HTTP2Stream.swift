// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// One HTTP/2 stream. Confined to the connection's loop.
///
/// The body waits here until nghttp2 asks for it, which it does as the peer's windows allow:
/// `sendBody` appends, ``write(into:)`` takes away.
package final class HTTP2Stream: HTTPServerStream, HTTPClientStream {
  @exclusivity(unchecked) private(set) var id: Int32
  /// The session and what else of the connection is needed here; nil once the stream is closed.
  // SAFETY: the connection closes its streams before it goes.
  @exclusivity(unchecked) private var session: OpaquePointer?
  @exclusivity(unchecked) private var connection: Unmanaged<HTTP2Connection>
  private let sendBufferBytes: Int
  @exclusivity(unchecked) var handler: (any HTTPRequestHandler)?
  /// The same, for a stream that this side opened.
  @exclusivity(unchecked) var responseHandler: (any HTTPResponseHandler)?
  /// Whether the head of the response has come.
  @exclusivity(unchecked) var hasResponseHead = false
  /// Its place among the connection's open streams.
  @exclusivity(unchecked) var index = 0
  /// Whether the response has no body, whatever is sent for it.
  @exclusivity(unchecked) var hasNoBody = false
  /// Whether the peer has sent its last byte.
  @exclusivity(unchecked) var isRemoteClosed = false
  @exclusivity(unchecked) private(set) var keptBytes = 0
  @exclusivity(unchecked) private var body = ByteQueue()
  @exclusivity(unchecked) private var preparedTrailers: UnsafeMutableBufferPointer<nghttp2_nv>?
  @exclusivity(unchecked) private var trailers: HTTPFields?
  @exclusivity(unchecked) private var isEnded = false
  @exclusivity(unchecked) private var areTrailersSubmitted = false
  @exclusivity(unchecked) private var isHeadSent = false
  @exclusivity(unchecked) private var isDeferred = false
  @exclusivity(unchecked) private var isAboveMark = false

  init(id: Int32, connection: HTTP2Connection) {
    self.id = id
    self.connection = Unmanaged.passUnretained(connection)
    session = connection.session
    sendBufferBytes = connection.limits.sendBufferBytes
  }

  // MARK: Sending

  package func sendHead(_ fields: HTTPFields, end: Bool) {
    guard let session, !isHeadSent else { return }
    isHeadSent = true
    isEnded = end
    withPairs(fields) { pairs in
      if end {
        nghttp2_submit_response(session, id, pairs.baseAddress, pairs.count, nil)
        stopPeer()
      } else {
        submitHead(pairs, session)
      }
    }
    hasOutput()
  }

  package func sendHead(_ fields: PreparedFields) {
    guard let session, !isHeadSent else { return }
    isHeadSent = true
    submitHead(fields.pairs, session)
    hasOutput()
  }

  package func sendBody(_ bytes: UnsafeRawBufferPointer) {
    guard session != nil, !isEnded, !hasNoBody else { return }
    body.append(bytes)
    if body.count >= sendBufferBytes { isAboveMark = true }
    resume()
  }

  package func sendTrailers(_ fields: HTTPFields) {
    guard session != nil, !isEnded else { return }
    if fields.count > 0 { trailers = fields }
    end()
  }

  package func sendTrailers(_ fields: PreparedFields) {
    guard session != nil, !isEnded else { return }
    preparedTrailers = fields.pairs
    end()
  }

  /// Nothing follows but the trailers. They go out behind the body, or at once where there is none left:
  /// nghttp2 asks for body only while the peer's window is open, and trailers need no window.
  private func end() {
    isEnded = true
    if body.count == 0, isHeadSent { areTrailersSubmitted = submitTrailers() }
    resume()
  }

  package func discardBody() { if !isEnded { body.removeAll() } }

  package func reset(_ reason: HTTPStreamReset) {
    guard let session else { return }
    nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, reason.code)
    hasOutput()
  }

  package var unsentBytes: Int { body.count }

  /// Opens the stream with its head; false when the session has no further stream.
  func sendRequest(_ fields: HTTPFields) -> Bool {
    guard let session, !isHeadSent else { return false }
    isHeadSent = true
    var provider = bodyProvider
    var newID: Int32 = -1
    withPairs(fields) { pairs in
      newID = nghttp2_submit_request(
        session, nil, pairs.baseAddress, pairs.count, &provider, provider.source.ptr)
    }
    id = newID
    return newID > 0
  }

  package func sendEnd() {
    guard session != nil, !isEnded else { return }
    end()
  }

  private var bodyProvider: nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    // SAFETY: nghttp2 asks only while the stream is open, and the connection keeps open streams alive.
    provider.source.ptr = Unmanaged.passUnretained(self).toOpaque()
    provider.read_callback = HTTP2Callbacks.readBody
    return provider
  }

  private func submitHead(
    _ pairs: UnsafeMutableBufferPointer<nghttp2_nv>, _ session: OpaquePointer
  ) {
    var provider = bodyProvider
    nghttp2_submit_response(session, id, pairs.baseAddress, pairs.count, &provider)
  }

  private func resume() {
    if isDeferred {
      isDeferred = false
      nghttp2_session_resume_data(session, id)
    }
    hasOutput()
  }

  @inline(__always)
  private func hasOutput() { connection._withUnsafeGuaranteedRef { $0.hasOutput = true } }

  // MARK: Being asked, by nghttp2

  /// How many bytes of body the next DATA frame has, of at most `limit`, and its flags.
  func nextFrame(_ limit: Int, _ flags: inout UInt32) -> Int {
    let count = min(limit, body.count)
    if count == 0, !isEnded {
      isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    flags |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue)
    if count == body.count, isEnded {
      flags |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      if areTrailersSubmitted || submitTrailers() {
        flags |= UInt32(NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
      }
    }
    return count
  }

  /// Moves the bytes of the frame that ``nextFrame(_:_:)`` announced to `target`.
  func write(_ count: Int, to target: UnsafeMutableRawPointer) {
    body.take(count, to: target)
    if isAboveMark, body.count < max(sendBufferBytes / 2, 1) {
      isAboveMark = false
      handler?.roomAvailable()
    }
  }

  /// Sends the trailers; false when there are none, and the last DATA frame ends the stream.
  private func submitTrailers() -> Bool {
    defer { stopPeer() }
    if let pairs = preparedTrailers {
      nghttp2_submit_trailer(session, id, pairs.baseAddress, pairs.count)
      return true
    }
    guard let fields = trailers else { return false }
    withPairs(fields) { pairs in
      _ = nghttp2_submit_trailer(session, id, pairs.baseAddress, pairs.count)
    }
    return true
  }

  /// The response is whole: a client that still sends is told to stop (RFC 9113 8.1).
  private func stopPeer() {
    if !isRemoteClosed, responseHandler == nil {
      connection._withUnsafeGuaranteedRef { $0.answered.append(id) }
    }
  }

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
    guard session != nil else { return }
    keptBytes += count
    connection._withUnsafeGuaranteedRef { $0.keptBytes += count }
  }

  package func released(_ count: Int) {
    guard session != nil else { return }
    let count = min(count, keptBytes)
    keptBytes -= count
    connection._withUnsafeGuaranteedRef { $0.keptBytes -= count }
  }

  package func credit(_ count: Int) {
    guard let session, !isRemoteClosed, count > 0 else { return }
    nghttp2_session_consume_stream(session, id, count)
    hasOutput()
  }

  /// The stream is no more.
  func close(_ reason: HTTPStreamClosure?) {
    guard session != nil else { return }
    released(keptBytes)
    session = nil
    body.removeAll()
    let handler = handler
    self.handler = nil
    responseHandler = nil
    handler?.closed(reason)
  }
}

extension HTTPStreamReset {
  /// The error code (RFC 9113 7).
  var code: UInt32 {
    switch self {
    case .noError: NGHTTP2_NO_ERROR.rawValue
    case .cancelled: NGHTTP2_CANCEL.rawValue
    case .internalError: NGHTTP2_INTERNAL_ERROR.rawValue
    case .refused: NGHTTP2_REFUSED_STREAM.rawValue
    case .enhanceYourCalm: NGHTTP2_ENHANCE_YOUR_CALM.rawValue
    }
  }
}
