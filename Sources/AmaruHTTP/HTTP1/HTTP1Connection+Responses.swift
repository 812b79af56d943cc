// SPDX-License-Identifier: Apache-2.0

/// What is put into the bytes that are sent.
extension HTTP1Connection {
  /// Bytes of a chunk's header and end, at most.
  private static let chunkOverhead = 20

  package func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    hasOutput = false
    tidy()
    guard let base = buffer.baseAddress else { return 0 }
    var count = 0
    while true {
      let ready = min(output.count, buffer.count - count)
      if ready > 0 { output.take(ready, to: base + count) }
      count += ready
      guard output.count == 0, let stream else { return count }
      let target = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      if stream.announcedBytes > 0 {
        guard !target.isEmpty else { return count }
        count += stream.write(to: target)
        if stream.announcedBytes == 0, framing == .chunked { output.append("\r\n") }
      } else if !prepareMore(of: stream, room: target.count) {
        return count
      }
    }
  }

  /// Makes the next piece of the response ready: its head, a chunk, or its end. False when there is nothing yet.
  private func prepareMore(of stream: HTTP1Stream, room: Int) -> Bool {
    if let reason = stream.resetReason, reason != .noError || !stream.isEnded {
      abort(stream, reason)
      return true
    }
    guard let framing else {
      guard let head = stream.head else { return false }
      begin(HTTP1ResponseHead(head), of: stream)
      return true
    }
    if stream.unsentBytes > 0 {
      announceMore(of: stream, framing, room: room)
      return true
    }
    guard stream.isEnded else { return false }
    finish(stream, framing)
    return true
  }

  // MARK: Heads

  private func begin(_ head: HTTP1ResponseHead, of stream: HTTP1Stream) {
    let framing = head.framing(of: stream, for: request)
    closesAfterResponse =
      !request.isPersistent || head.asksToClose || isDraining || framing == .untilClose
      || isContinueDue || !canDropRest
    head.write(
      framing, isHTTP10: request.isHTTP10, closes: closesAfterResponse, date: date, to: &output)
    self.framing = framing
  }

  /// Whether the rest of the request's body is small enough to be dropped, as far as is known, should nobody want it.
  private var canDropRest: Bool {
    if case .sized(let left) = body.state { return left <= limits.streamWindowBytes }
    return true
  }

  // MARK: Bodies

  private func announceMore(of stream: HTTP1Stream, _ framing: HTTP1Framing, room: Int) {
    let waiting = stream.unsentBytes
    switch framing {
    case .none: stream.dropBody()
    case .sized(let left):
      // A handler that gives more than it said is cut off.
      guard left > 0 else { return stream.dropBody() }
      let count = min(waiting, left)
      stream.announce(count)
      self.framing = .sized(left - count)
    case .chunked:
      // In one piece where it fits, so that little is bound by having been announced.
      let count = min(waiting, max(room - Self.chunkOverhead, 1024))
      output.append(String(count, radix: 16))
      output.append("\r\n")
      stream.announce(count)
    case .untilClose: stream.announce(waiting)
    }
  }

  // MARK: The end

  /// The response is whole but for its end.
  private func finish(_ stream: HTTP1Stream, _ framing: HTTP1Framing) {
    switch framing {
    case .chunked:
      output.append("0\r\n")
      if sendsTrailers(stream) { HTTP1ResponseHead.write(stream.trailers, to: &output) }
      output.append("\r\n")
    case .sized(let left) where left > 0:
      // The handler gave less than it said: only the close tells the client.
      closesAfterResponse = true
    case .sized, .none, .untilClose: break
    }
    close(nil)
    // What is left of a request that is not whole is dropped, within a limit.
    if state == .answering || closesAfterResponse || !canDropRest {
      if state != .answering { closesAfterResponse = true }
      beginNext()
    }
  }

  private func sendsTrailers(_ stream: HTTP1Stream) -> Bool {
    request.acceptsTrailers || (stream.head?.value("trailer") != nil)
  }

  /// The handler gives up: before its head is out that is an answer too; after, the connection breaks off.
  private func abort(_ stream: HTTP1Stream, _ reason: HTTPStreamReset) {
    if framing == nil {
      switch reason {
      case .refused: answer(HTTP1Refusal(503, "The server takes no more requests now."))
      case .enhanceYourCalm: answer(HTTP1Refusal(429, "That is too much."))
      case .internalError: answer(HTTP1Refusal(500, "Something went wrong at the server."))
      case .noError, .cancelled: break
      }
    }
    close(.reset(reason.code))
    end()
  }

  /// The request is no good: says so, where no response has begun, and closes the connection.
  func refuse(_ refusal: HTTP1Refusal) {
    let canAnswer = stream == nil ? state != .body : framing == nil
    if canAnswer { answer(refusal) }
    // PROTOCOL_ERROR (RFC 9113 7).
    close(.reset(1))
    end()
  }

  private func answer(_ refusal: HTTP1Refusal) {
    var fields = HTTPFields()
    fields.add(":status", String(refusal.status))
    fields.add("content-type", "text/plain; charset=utf-8")
    HTTP1ResponseHead(fields).write(
      .sized(refusal.text.utf8.count + 1), isHTTP10: false, closes: true, date: date, to: &output)
    if !request.isHead {
      output.append(refusal.text)
      output.append("\n")
    }
  }
}
