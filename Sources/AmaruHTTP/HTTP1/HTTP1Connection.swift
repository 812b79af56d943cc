// SPDX-License-Identifier: Apache-2.0

/// A server's end of an HTTP/1.1 connection: bytes in, requests out, and the other way round (RFC 9112).
///
/// Strict: what two readers could take for two different things is refused, and the connection closed. No socket, no
/// clock, no thread: the time comes in with the bytes. Confined to one loop.
///
/// ```
///   requestLine --> fields --> body --> answering --response whole--> requestLine
///                                 \--response whole--> body, dropped --> requestLine
///   a refusal, or a response after which the connection closes --> ended
/// ```
///
/// Requests are answered one after another: the next is parsed when the response to the last one is whole. Bytes that
/// come before stay here, and ``wantsBytes`` is false until they are parsed, as it is while the handler has not taken
/// what came of a body.
package final class HTTP1Connection: HTTPServerConnection {
  enum State {
    case requestLine, fields, body, answering, ended
  }

  /// Bytes of a body below which a client is too slow.
  private static let minBodyBytes = 1024
  /// Bytes that may come behind a request that is being answered: two reads, of which the second is by chance.
  private static let minUnparsedBytes = 256 << 10

  let limits: HTTPLimits
  unowned let server: any HTTPServerOwner
  let scheme: StaticString
  let date: HTTPDate?
  @exclusivity(unchecked) var state = State.requestLine
  @exclusivity(unchecked) var request = HTTP1RequestHead()
  @exclusivity(unchecked) var body = HTTP1RequestBody(HTTP1RequestHead())
  /// The last request's head, given out again when the next is equal.
  @exclusivity(unchecked) var lastHead: HTTPHead?
  /// The request whose response is not whole yet.
  @exclusivity(unchecked) var stream: HTTP1Stream?
  @exclusivity(unchecked) var now: UInt64

  /// Received bytes that are not parsed yet.
  @exclusivity(unchecked) private var unparsed = ByteQueue()
  /// How many bytes of a line that has not ended were searched for its end.
  @exclusivity(unchecked) var searchedBytes = 0
  /// Whether parsing has stopped before bytes that could be parsed, but for the response or the handler.
  @exclusivity(unchecked) var isHeldUp = false
  /// Body held until it is known whether it is the last of its request.
  @exclusivity(unchecked) var held: UnsafeRawBufferPointer?
  /// Whether an empty line was skipped in front of the request.
  @exclusivity(unchecked) var hasSkippedLine = false
  /// Bytes of the present body that have come.
  @exclusivity(unchecked) var bodyBytes = 0
  /// Bytes of it that came when its response was whole.
  @exclusivity(unchecked) var droppedBytes = 0
  /// Whether the client may still wait for a `100 Continue` that it was not sent.
  @exclusivity(unchecked) var isContinueDue = false
  /// When a body was last looked at, and how much had come.
  @exclusivity(unchecked) var bodyMark: (time: UInt64, bytes: Int)?

  /// Lines that are ready to be sent.
  @exclusivity(unchecked) var output = ByteQueue()
  /// How the length of the present response's body is told; nil before its head is out.
  @exclusivity(unchecked) var framing: HTTP1Framing?
  @exclusivity(unchecked) var closesAfterResponse = false
  @exclusivity(unchecked) var isDraining = false
  @exclusivity(unchecked) package internal(set) var isEstablished = false
  @exclusivity(unchecked) package internal(set) var headerBlockBegan: UInt64?
  /// Set by whatever gives something to send, or bytes to parse; the owner is told.
  @exclusivity(unchecked) var hasOutput = false {
    didSet { if hasOutput, !oldValue { server.connectionHasOutput() } }
  }

  /// A connection that has received nothing yet. `scheme` is `http` or `https`, as the connection is; with a `date`,
  /// responses have that field.
  package init(
    limits: HTTPLimits, owner: any HTTPServerOwner, scheme: StaticString, date: HTTPDate?,
    now: UInt64
  ) {
    self.limits = limits
    server = owner
    self.scheme = scheme
    self.date = date
    self.now = now
  }

  // MARK: Bytes in

  package func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
    guard state != .ended else { return }
    if unparsed.count == 0 {
      unparsed.removeAll()
      parse(bytes, now) { unparsed.append($0) }
    } else {
      unparsed.append(bytes)
      resume(now: now)
      if unparsed.count > max(limits.maxBufferedBytes, Self.minUnparsedBytes) {
        lost()
        hasOutput = true
      }
    }
  }

  package func resume(now: UInt64) {
    let bytes = unparsed.bytes
    parse(bytes, now) { unparsed.drop(bytes.count - $0.count) }
  }

  /// Parses `bytes` as far as can be, and gives the rest to `keep`.
  private func parse(
    _ bytes: UnsafeRawBufferPointer, _ now: UInt64, keep: (UnsafeRawBufferPointer) -> Void
  ) {
    self.now = now
    isHeldUp = false
    var rest = bytes
    do throws(HTTP1Refusal) {
      while try parseNext(&rest) {}
    } catch {
      refuse(error)
    }
    if state == .ended { rest = UnsafeRawBufferPointer(start: nil, count: 0) }
    isHeldUp = isHeldUp && !rest.isEmpty
    keep(rest)
    deliverHeld(end: false)
  }

  /// Lets go of memory that a peer in a hurry has filled; called when nothing in it is lent to a handler.
  func tidy() { if unparsed.count == 0 { unparsed.removeAll() } }

  package var wantsBytes: Bool {
    switch state {
    case .answering: unparsed.count == 0
    case .body: room > 0
    case .requestLine, .fields, .ended: true
    }
  }

  package var canResume: Bool {
    guard isHeldUp else { return false }
    return state == .body ? room > 0 : state != .answering
  }

  /// Bytes of a body that may be parsed before the handler gives credit for earlier ones; of one whose response is
  /// whole, those that are dropped before the connection is closed.
  var room: Int {
    guard let stream else { return limits.streamWindowBytes - droppedBytes }
    return limits.streamWindowBytes - stream.uncreditedBytes
  }

  /// The handler has taken some of a body that waited for it: now the client is waited for again.
  func roomMade() {
    bodyMark = nil
    hasOutput = true
  }

  // MARK: State

  package var streamCount: Int { stream == nil ? 0 : 1 }

  package var isDone: Bool { state == .ended && output.count == 0 }

  package func isBodyTooSlow(now: UInt64, limit: UInt64) -> Bool {
    guard state == .body, body.isInsidePiece, wantsBytes else {
      bodyMark = nil
      return false
    }
    guard let mark = bodyMark else {
      bodyMark = (now, bodyBytes)
      return false
    }
    guard now >= mark.time, now - mark.time >= limit else { return false }
    bodyMark = (now, bodyBytes)
    return bodyBytes - mark.bytes < Self.minBodyBytes
  }

  package func timedOut() -> Bool {
    guard state != .ended else { return false }
    if stream == nil, headerBlockBegan == nil { end() } else { refuse(.tooSlow) }
    return true
  }

  /// HTTP/1.1 has no such thing.
  package func ping() {}

  package func drain() {
    isDraining = true
    if stream == nil, state == .requestLine, unparsed.count == 0 { end() }
  }

  package func lost() {
    state = .ended
    headerBlockBegan = nil
    isHeldUp = false
    output.removeAll()
    close(.connectionLost)
  }

  /// Closes the connection when what is ready is sent.
  func end() {
    state = .ended
    headerBlockBegan = nil
    isHeldUp = false
    hasOutput = true
  }

  func close(_ reason: HTTPStreamClosure?) {
    held = nil
    let closing = stream
    stream = nil
    closing?.close(reason)
  }
}
