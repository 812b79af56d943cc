// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// What nghttp2 has found in the received bytes, in the order of the bytes.
extension HTTP2Connection {
  // MARK: Heads

  func beganHeaders(_ frame: nghttp2_frame) {
    headerBlockBegan = now
    isListTruncated = false
    if isClient { return beganResponseHeaders(frame.hd.stream_id) }
    isTrailerList = frame.headers.cat != NGHTTP2_HCAT_REQUEST
    if isTrailerList { return }
    isRepeating = true
    repeated.begin()
    let stream = HTTP2Stream(id: frame.hd.stream_id, connection: self)
    stream.index = streams.count
    streams.append(stream)
    let reference = Unmanaged.passUnretained(stream)
    current = reference
    currentID = frame.hd.stream_id
    nghttp2_session_set_stream_user_data(session, currentID, reference.toOpaque())
  }

  func receivedField(_ name: OpaquePointer, _ value: OpaquePointer) {
    guard !isListTruncated else { return }
    guard isTrailerList else { return receivedField(name, value, &repeated) }
    // Trailers of a request have no meaning in any protocol of ours (RFC 9110 6.5.1 lets us drop them).
    if isClient { receivedField(name, value, &repeatedTrailers) }
  }

  @inline(__always)
  private func receivedField(
    _ name: OpaquePointer, _ value: OpaquePointer, _ repeated: inout RepeatedHead
  ) {
    if isRepeating {
      if repeated.matches(name, value) { return }
      isRepeating = false
      fields = repeated.diverge()
    }
    let nameBytes = RepeatedHead.bytes(name)
    let valueBytes = RepeatedHead.bytes(value)
    let size = fields.listSize + nameBytes.count + valueBytes.count + 32
    if fields.count >= limits.maxHeaderFields || size > limits.maxHeaderListBytes {
      isListTruncated = true
    } else {
      fields.add(nameBytes, valueBytes)
      repeated.append(name, value)
    }
  }

  private func endedHead(_ stream: HTTP2Stream) {
    guard let server else { return endedResponseHeaders(stream) }
    guard !isTrailerList else { return }
    let head = endedList(&repeated)
    stream.hasNoBody = head.isHead
    stream.handler = server.requestBegan(head, on: stream)
  }

  /// The head of the list that has ended: the last one again when nothing differs.
  @inline(__always)
  func endedList(_ repeated: inout RepeatedHead) -> HTTPHead {
    if isRepeating {
      if repeated.isWhole, let head = repeated.head { return head }
      fields = repeated.diverge()
    }
    let head = HTTPHead(fields, isTruncated: isListTruncated)
    repeated.remember(isListTruncated ? nil : head)
    return head
  }

  // MARK: Frames

  func receivedFrame(_ frame: UnsafePointer<nghttp2_frame>) {
    let header = frame.pointee.hd
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
      withStream(header.stream_id) { endedHead($0) }
      if isLast { endedBody(header.stream_id) }
    case NGHTTP2_SETTINGS.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 {
        if isEstablished { receivedAbuse() }
        isEstablished = true
        client?.connectionEstablished()
      }
    case NGHTTP2_PING.rawValue:
      if header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0 {
        receivedPing()
      } else if drainState == .noticed, frame.pointee.ping.opaque_data.0 == 0 {
        endDrain()
      }
    case NGHTTP2_GOAWAY.rawValue: receivedGoaway(frame.pointee.goaway)
    case NGHTTP2_RST_STREAM.rawValue, NGHTTP2_PRIORITY.rawValue: receivedAbuse()
    default: break
    }
  }

  /// A frame was malformed or not allowed; a header list that it held has ended with it.
  func receivedInvalidFrame() {
    headerBlockBegan = nil
    receivedAbuse()
  }

  private func receivedPing() {
    if !isClient, !pings.received(now: now, hasCalls: !streams.isEmpty) { return refusePings() }
    receivedAbuse()
  }

  private func receivedGoaway(_ goaway: nghttp2_goaway) {
    let reason = UnsafeBufferPointer(start: goaway.opaque_data, count: goaway.opaque_data_len)
    closeUnsent()
    client?.connectionGoesAway(
      forPings: goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM.rawValue
        && reason.elementsEqual(Self.tooManyPings.utf8))
  }

  /// The peer did what costs it nothing and no call explains.
  func receivedAbuse() { if !budget.spend(now: now) { refuse() } }

  // MARK: Bodies

  func receivedBody(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
    // The connection's window is only a pipe's width: what is kept is held to `maxBufferedBytes`.
    nghttp2_session_consume_connection(session, bytes.count)
    deliverHeld(end: false)
    withStream(id) { _ in held = bytes }
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
    current?._withUnsafeGuaranteedRef { stream in
      if end { stream.isRemoteClosed = true }
      guard let handler = stream.handler else { return }
      handler.receive(bytes, end: end)
      if keptBytes > limits.maxBufferedBytes { handler.overflow() }
    }
  }

  private func endedBody(_ id: Int32) {
    withStream(id) { _ in
      let bytes = held ?? UnsafeRawBufferPointer(start: nil, count: 0)
      held = nil
      deliver(bytes, end: true)
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
    pings.reset()
    return 0
  }

  /// A frame was left out: a list of fields over nghttp2's limit of 64 KiB, without which its stream would
  /// never end.
  func couldNotSend(_ frame: nghttp2_frame, _ code: Int32) {
    let id = frame.hd.stream_id
    guard UInt32(frame.hd.type) == NGHTTP2_HEADERS.rawValue else { return }
    if isClient, frame.headers.cat == NGHTTP2_HCAT_REQUEST {
      // The peer has never heard of the stream, and nghttp2 closes it after this.
      if code == NGHTTP2_ERR_FRAME_SIZE_ERROR.rawValue { tooLongHead = id }
      return
    }
    nghttp2_submit_rst_stream(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_INTERNAL_ERROR.rawValue)
  }

  // MARK: Streams

  /// Does `body` with the open stream `id`, which becomes the current one; nothing when it is closed.
  ///
  /// Most events in a row are for one stream, and none of this counts references.
  // SAFETY: the user data of a stream is set in `beganHeaders` or `sendRequest` and taken back in `close`, between which
  // `streams` keeps the stream alive.
  @inline(__always)
  func withStream(_ id: Int32, _ body: (HTTP2Stream) -> Void) {
    if current == nil || currentID != id {
      guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return }
      current = Unmanaged.fromOpaque(pointer)
      currentID = id
    }
    current?._withUnsafeGuaranteedRef { body($0) }
  }

  func closedStream(_ id: Int32, _ code: UInt32) {
    let isComplete = code == NGHTTP2_NO_ERROR.rawValue
    // A peer's own reset may say NO_ERROR too: only a whole response earns something.
    if isComplete, nghttp2_session_get_stream_local_close(session, id) == 1 {
      budget.earn()
      pings.reset()
    }
    let reason: HTTPStreamClosure? =
      isComplete ? nil : tooLongHead == id ? .headTooLong : .reset(code)
    withStream(id) { close($0, reason) }
  }

  func close(_ stream: HTTP2Stream, _ reason: HTTPStreamClosure?) {
    if currentID == stream.id {
      current = nil
      held = nil
    }
    nghttp2_session_set_stream_user_data(session, stream.id, nil)
    let index = stream.index
    // The caller's reference may be uncounted: this one keeps the stream until it has closed.
    let closing = streams[index]
    let last = streams.removeLast()
    if index < streams.count {
      streams[index] = last
      last.index = index
    }
    closing.close(reason)
  }
}
