// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// What nghttp2 has found in the received bytes, in the order of the bytes.
extension HTTP2Connection {
  // MARK: Heads

  func beganHeaders(_ frame: nghttp2_frame) -> Int32 {
    fields.removeAll()
    headerBlockBegan = now
    isListTruncated = false
    isTrailerList = frame.headers.cat != NGHTTP2_HCAT_REQUEST
    if isTrailerList { return 0 }
    let stream = HTTP2Stream(id: frame.hd.stream_id, connection: self)
    stream.index = streams.count
    streams.append(stream)
    current = stream
    nghttp2_session_set_stream_user_data(
      session, stream.id, Unmanaged.passUnretained(stream).toOpaque())
    return 0
  }

  func receivedField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    // Trailers of a request have no meaning in any protocol of ours (RFC 9110 6.5.1 lets us drop them).
    guard !isTrailerList, !isListTruncated else { return }
    let size = fields.listSize + name.count + value.count + 32
    if fields.count >= limits.maxHeaderFields || size > limits.maxHeaderListBytes {
      isListTruncated = true
    } else {
      fields.add(name, value)
    }
  }

  private func endedHead(_ stream: HTTP2Stream) {
    let head: HTTPRequestHead
    if let lastHead, !isListTruncated, lastHead.fields == fields {
      head = lastHead
    } else {
      head = HTTPRequestHead(fields, isTruncated: isListTruncated)
      lastHead = isListTruncated ? nil : head
    }
    stream.handler = owner.requestBegan(head, on: stream)
  }

  // MARK: Frames

  func receivedFrame(_ frame: nghttp2_frame) -> Int32 {
    let header = frame.hd
    let isLast = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    switch UInt32(header.type) {
    case NGHTTP2_DATA.rawValue:
      if isLast {
        endedBody(header.stream_id)
      } else {
        if header.length == 0 { receivedAbuse() }
        deliverHeld(end: false)
      }
    case NGHTTP2_HEADERS.rawValue:
      headerBlockBegan = nil
      guard let stream = stream(header.stream_id) else { break }
      if !isTrailerList { endedHead(stream) }
      if isLast { endedBody(header.stream_id) }
    case NGHTTP2_SETTINGS.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 {
        if isEstablished { receivedAbuse() }
        isEstablished = true
      }
    case NGHTTP2_PING.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 {
        receivedAbuse()
      } else if drainState == .noticed {
        endDrain()
      }
    case NGHTTP2_RST_STREAM.rawValue, NGHTTP2_PRIORITY.rawValue: receivedAbuse()
    default: break
    }
    return 0
  }

  /// The peer did what costs it nothing and no call explains.
  func receivedAbuse() { if !budget.spend(now: now) { refuse() } }

  // MARK: Bodies

  func receivedBody(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
    // The connection's window is only a pipe's width: what is kept is held to `maxBufferedBytes`.
    nghttp2_session_consume_connection(session, bytes.count)
    deliverHeld(end: false)
    guard let stream = stream(id), stream.handler != nil else { return }
    current = stream
    held = bytes
  }

  /// Hands over the held bytes. Holding them for one event lets the last bytes of a body be delivered
  /// together with its end, so that a whole message is used where it lies.
  @inline(__always)
  func deliverHeld(end: Bool) {
    guard let bytes = held else { return }
    held = nil
    deliver(bytes, end: end)
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard let stream = current, let handler = stream.handler else { return }
    handler.receive(bytes, end: end)
    if keptBytes > limits.maxBufferedBytes { handler.overflow() }
  }

  private func endedBody(_ id: Int32) {
    guard let stream = stream(id) else { return }
    stream.isRemoteClosed = true
    if held == nil {
      current = stream
      deliver(UnsafeRawBufferPointer(start: nil, count: 0), end: true)
    } else {
      deliverHeld(end: true)
    }
  }

  /// Writes one DATA frame behind what is already in the buffer that is being filled.
  func sendBody(
    of stream: HTTP2Stream, header: UnsafePointer<UInt8>, count: Int, padding: Int
  ) -> Int32 {
    let size = Self.frameHeaderBytes + count
    // Padding is never asked for: there is no callback that selects it.
    guard padding == 0 else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    guard target.count - targetCount >= size, let base = target.baseAddress else {
      return NGHTTP2_ERR_WOULDBLOCK.rawValue
    }
    (base + targetCount).copyMemory(from: header, byteCount: Self.frameHeaderBytes)
    stream.write(count, to: base + targetCount + Self.frameHeaderBytes)
    targetCount += size
    budget.earn()
    return 0
  }

  // MARK: Streams

  @inline(__always)
  func stream(_ id: Int32) -> HTTP2Stream? {
    if let current, current.id == id { return current }
    guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return nil }
    // SAFETY: set in `beganHeaders` to a stream that `streams` keeps until it is closed.
    return Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
  }

  func closedStream(_ id: Int32, _ code: UInt32) {
    guard let stream = stream(id) else { return }
    if code == NGHTTP2_NO_ERROR.rawValue { budget.earn() }
    close(stream, code == NGHTTP2_NO_ERROR.rawValue ? nil : .reset)
  }

  func close(_ stream: HTTP2Stream, _ reason: HTTPStreamClosure?) {
    if current === stream {
      current = nil
      held = nil
    }
    nghttp2_session_set_stream_user_data(session, stream.id, nil)
    let last = streams.removeLast()
    if last !== stream {
      streams[stream.index] = last
      last.index = stream.index
    }
    stream.close(reason)
  }
}
