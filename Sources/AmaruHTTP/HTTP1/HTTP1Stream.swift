// SPDX-License-Identifier: Apache-2.0

/// One request over HTTP/1.1 and its response. Confined to the connection's loop.
///
/// The response waits here until the connection is asked for bytes. Only then is it decided how the body's length is
/// told: of a response that is whole by then it is known.
final class HTTP1Stream: HTTPServerStream {
  /// Nil once the stream is closed.
  @exclusivity(unchecked) private unowned var connection: HTTP1Connection?
  @exclusivity(unchecked) var handler: (any HTTPRequestHandler)?
  /// The head of the response, as the handler gave it.
  @exclusivity(unchecked) private(set) var head: HTTPFields?
  @exclusivity(unchecked) private(set) var trailers = HTTPFields()
  @exclusivity(unchecked) private var body = ByteQueue()
  /// Whether nothing follows what was given.
  @exclusivity(unchecked) private(set) var isEnded = false
  @exclusivity(unchecked) private(set) var resetReason: HTTPStreamReset?
  /// Bytes at the front of the body that are announced to the peer.
  @exclusivity(unchecked) private(set) var announcedBytes = 0
  /// Received bytes for which the handler has given no credit yet.
  @exclusivity(unchecked) var uncreditedBytes = 0
  @exclusivity(unchecked) private(set) var keptBytes = 0
  @exclusivity(unchecked) private var isAboveMark = false
  private let sendBufferBytes: Int

  init(_ connection: HTTP1Connection) {
    self.connection = connection
    sendBufferBytes = connection.limits.sendBufferBytes
  }

  // MARK: Sending

  func sendHead(_ fields: HTTPFields, end: Bool) {
    guard let connection, head == nil else { return }
    head = fields
    isEnded = end
    connection.hasOutput = true
  }

  func sendHead(_ fields: PreparedFields) { sendHead(fields.fields, end: false) }

  func sendBody(_ bytes: UnsafeRawBufferPointer) {
    guard let connection, !isEnded else { return }
    body.append(bytes)
    if body.count >= sendBufferBytes { isAboveMark = true }
    connection.hasOutput = true
  }

  func sendTrailers(_ fields: HTTPFields) {
    guard let connection, !isEnded else { return }
    trailers = fields
    isEnded = true
    connection.hasOutput = true
  }

  func sendTrailers(_ fields: PreparedFields) { sendTrailers(fields.fields) }

  func discardBody() { if !isEnded { body.truncate(to: announcedBytes) } }

  func reset(_ reason: HTTPStreamReset) {
    guard let connection, resetReason == nil else { return }
    resetReason = reason
    connection.hasOutput = true
  }

  var unsentBytes: Int { body.count }

  // MARK: Being asked, by the connection

  /// The next `count` bytes of the body go out as one piece.
  func announce(_ count: Int) { announcedBytes = min(count, body.count) }

  /// Throws away the body, of which nothing is announced, for a response that has none.
  func dropBody() {
    body.truncate(to: announcedBytes)
    roomMade()
  }

  /// Moves announced bytes to `target`, as many as fit; gives their number.
  func write(to target: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(announcedBytes, target.count)
    guard count > 0, let base = target.baseAddress else { return 0 }
    body.take(count, to: base)
    announcedBytes -= count
    roomMade()
    return count
  }

  private func roomMade() {
    guard isAboveMark, body.count < max(sendBufferBytes / 2, 1) else { return }
    isAboveMark = false
    handler?.roomAvailable()
  }

  // MARK: Receiving

  func kept(_ count: Int) { if connection != nil { keptBytes += count } }

  func released(_ count: Int) { keptBytes -= min(count, keptBytes) }

  func credit(_ count: Int) {
    guard let connection, count > 0 else { return }
    let hadRoom = connection.room > 0
    uncreditedBytes -= min(count, uncreditedBytes)
    if !hadRoom { connection.roomMade() }
  }

  /// The stream is no more.
  func close(_ reason: HTTPStreamClosure?) {
    guard connection != nil else { return }
    connection = nil
    keptBytes = 0
    announcedBytes = 0
    body.removeAll()
    let handler = handler
    self.handler = nil
    handler?.closed(reason)
  }
}
