// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// What a client does with its end of a connection.
extension HTTP2Connection {
  /// Opens a stream and sends the head `fields`, `:method` first; nil when the connection takes no more.
  package func open(
    _ fields: HTTPFields, handler: any HTTPResponseHandler
  ) -> (any HTTPClientStream)? {
    guard canOpen else { return nil }
    let stream = HTTP2Stream(id: 0, connection: self)
    guard stream.sendRequest(fields) else { return nil }
    stream.handler = handler
    stream.responseHandler = handler
    stream.index = streams.count
    streams.append(stream)
    hasOutput = true
    return stream
  }

  /// Whether a stream can be opened now or once others have closed: false when the connection is gone, goes
  /// away or has used up its stream ids.
  package var canOpen: Bool {
    !isFailed && drainState == .open && nghttp2_session_check_request_allowed(session) != 0
  }

  /// How many calls the server takes at once on this connection.
  package var maxOpenStreams: Int {
    Int(
      nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
  }

  /// Closes the streams whose heads wait for room, now that the server takes no more of them: a call may be
  /// made again elsewhere when its head has not left (RFC 9113 6.8).
  func closeUnsent() {
    guard isClient else { return }
    // nghttp2 knows a stream from the moment that its head goes out.
    for stream in streams where nghttp2_session_find_stream(session, stream.id) == nil {
      // Withdraws the head; no frame is sent for it.
      stream.reset(.cancelled)
      close(stream, .neverSent)
    }
  }

  /// A header list of a response has begun: its head or, after that, its trailers.
  func beganResponseHeaders(_ id: Int32) {
    isTrailerList = false
    withStream(id) { isTrailerList = $0.hasResponseHead }
    isRepeating = true
    if isTrailerList { repeatedTrailers.begin() } else { repeated.begin() }
  }

  /// A header list of a response has ended.
  func endedResponseHeaders(_ stream: HTTP2Stream) {
    // What the body had before the trailers comes before them.
    deliverHeld(end: false)
    if isTrailerList {
      stream.responseHandler?.receivedTrailers(endedList(&repeatedTrailers))
      return
    }
    let head = endedList(&repeated)
    // An interim response is followed by another head (RFC 9110 15.2).
    if head.status.hasPrefix("1"), !head.isTruncated { return }
    stream.hasResponseHead = true
    stream.responseHandler?.receivedHead(head)
  }
}
