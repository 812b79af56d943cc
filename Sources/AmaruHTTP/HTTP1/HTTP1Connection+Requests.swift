// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What is found in the received bytes, in their order.
extension HTTP1Connection {
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// Takes the next line or piece of body from the front of `rest`; false when it has to wait.
  func parseNext(_ rest: inout UnsafeRawBufferPointer) throws(HTTP1Refusal) -> Bool {
    switch state {
    case .requestLine: return try parseRequestLine(&rest)
    case .fields:
      guard let line = try nextLine(&rest, limits.maxHeaderListBytes, .manyFields) else {
        return false
      }
      if line.isEmpty {
        try endedHead(isMoreThere: !rest.isEmpty)
      } else {
        try request.readField(line, limits: limits)
      }
      return true
    case .body: return try parseBody(&rest)
    case .answering:
      isHeldUp = true
      return false
    case .ended: return false
    }
  }

  /// Removes the next line, without its end; nil when its end has not come. A line has at most `limit` bytes.
  private func nextLine(
    _ rest: inout UnsafeRawBufferPointer, _ limit: Int, _ refusal: HTTP1Refusal
  ) throws(HTTP1Refusal) -> UnsafeRawBufferPointer? {
    guard let base = rest.baseAddress, !rest.isEmpty else { return nil }
    let searched = min(searchedBytes, rest.count)
    guard let found = memchr(base + searched, Int32(Self.lineFeed), rest.count - searched) else {
      guard rest.count <= limit + 1 else { throw refusal }
      searchedBytes = rest.count
      return nil
    }
    searchedBytes = 0
    let end = UnsafeRawPointer(found) - base
    guard end > 0, rest[end - 1] == Self.carriageReturn else { throw .lineEnd }
    let line = UnsafeRawBufferPointer(rebasing: rest[..<(end - 1)])
    guard line.count <= limit else { throw refusal }
    rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
    return line
  }

  // MARK: Heads

  private func parseRequestLine(
    _ rest: inout UnsafeRawBufferPointer
  ) throws(HTTP1Refusal) -> Bool {
    guard let line = try nextLine(&rest, limits.maxHeaderListBytes, .longTarget) else {
      guard let first = rest.first else { return false }
      if headerBlockBegan == nil { headerBlockBegan = now }
      // What is not HTTP at all may never have the end of a line.
      guard HTTP1Syntax.isToken(first) || first == Self.carriageReturn else { throw .requestLine }
      return false
    }
    if line.isEmpty {
      // One empty line is forgiven (RFC 9112 2.2).
      guard !hasSkippedLine else { throw .requestLine }
      hasSkippedLine = true
      headerBlockBegan = nil
      return true
    }
    if headerBlockBegan == nil { headerBlockBegan = now }
    try request.readRequestLine(line, scheme: scheme, limits: limits)
    state = .fields
    return true
  }

  private func endedHead(isMoreThere: Bool) throws(HTTP1Refusal) {
    try request.end()
    headerBlockBegan = nil
    hasSkippedLine = false
    isEstablished = true
    body = HTTP1RequestBody(request)
    bodyBytes = 0
    droppedBytes = 0
    bodyMark = nil
    framing = nil
    // Who has sent of the body already does not wait (RFC 9110 10.1.1).
    isContinueDue = request.expectsContinue && body.state != .whole && !isMoreThere
    state = .body
    let stream = HTTP1Stream(self)
    self.stream = stream
    let head = sameHead ?? HTTPHead(request.fields)
    lastHead = head
    let handler = server.requestBegan(head, on: stream)
    guard self.stream === stream else { return handler.closed(.connectionLost) }
    stream.handler = handler
    if body.state == .whole { return endedBody() }
    if isContinueDue, stream.head == nil, stream.resetReason == nil {
      isContinueDue = false
      output.append("HTTP/1.1 100 Continue\r\n\r\n")
      hasOutput = true
    }
  }

  /// The last request's head when this one is equal: nothing has to be worked out anew.
  private var sameHead: HTTPHead? {
    guard let lastHead, lastHead.fields == request.fields else { return nil }
    return lastHead
  }

  // MARK: Bodies

  private func parseBody(_ rest: inout UnsafeRawBufferPointer) throws(HTTP1Refusal) -> Bool {
    switch body.state {
    case .sized(let left):
      let count = takeBody(&rest, left)
      body.state = count == left ? .whole : .sized(left - count)
      if count == left { endedBody() }
      return count > 0
    case .chunk(let left):
      let count = takeBody(&rest, left)
      body.state = count == left ? .chunkEnd : .chunk(left - count)
      return count > 0
    case .chunkEnd:
      guard let first = rest.first else { return false }
      guard first == Self.carriageReturn, rest.count == 1 || rest[1] == Self.lineFeed else {
        throw .chunkEnd
      }
      guard rest.count >= 2 else { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(2))
      body.state = .size
      return true
    case .size:
      let limit = HTTP1RequestBody.maxSizeLineBytes
      guard let line = try nextLine(&rest, limit, .chunkExtensions) else { return false }
      try body.readSize(line)
      return true
    case .trailers:
      guard let line = try nextLine(&rest, limits.maxHeaderListBytes, .manyFields) else {
        return false
      }
      try body.readTrailer(line, limits: limits)
      if body.state == .whole { endedBody() }
      return true
    case .whole: return false
    }
  }

  /// Takes at most `wanted` bytes of body from the front of `rest`, as many as there are and the handler has room
  /// for; gives their number.
  private func takeBody(_ rest: inout UnsafeRawBufferPointer, _ wanted: Int) -> Int {
    guard !rest.isEmpty else { return 0 }
    let count = min(wanted, rest.count, max(room, 0))
    guard count > 0 else {
      // What nobody wants is not read for ever.
      if stream == nil { end() } else { isHeldUp = true }
      return 0
    }
    let bytes = UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    isContinueDue = false
    bodyBytes += count
    if let stream {
      deliverHeld(end: false)
      stream.uncreditedBytes += count
      held = bytes
    } else {
      droppedBytes += count
    }
    return count
  }

  private func endedBody() {
    if stream == nil { return beginNext() }
    state = .answering
    let bytes = held ?? UnsafeRawBufferPointer(start: nil, count: 0)
    held = nil
    deliver(bytes, end: true)
  }

  /// Hands over the held bytes. Holding them until the next lets the last bytes of a body be delivered together with
  /// its end, so that a whole message is used where it lies.
  func deliverHeld(end: Bool) {
    guard let bytes = held else { return }
    held = nil
    deliver(bytes, end: end)
  }

  private func deliver(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard let stream, let handler = stream.handler else { return }
    handler.receive(bytes, end: end)
    if stream.keptBytes > limits.maxBufferedBytes { handler.overflow() }
  }

  /// Request and response are whole: the next request may come.
  func beginNext() {
    if isDraining || closesAfterResponse { return end() }
    state = .requestLine
    request.begin()
  }
}
