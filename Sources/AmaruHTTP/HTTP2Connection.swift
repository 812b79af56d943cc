// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// One end of an HTTP/2 connection: bytes in, requests or responses out, and the other way round.
///
/// nghttp2 keeps the protocol (RFC 9113) and HPACK; this adds the limits, and gives out bodies without a
/// copy. No socket, no clock, no thread: the time comes in with the bytes. Confined to one loop.
///
/// ```
///   receive(bytes) --> server.requestBegan, handler.receive      produce(into:) <-- open, stream.send...
///   open --drain()--> GOAWAY, ping --acknowledged--> last GOAWAY --last stream closed--> done
/// ```
package final class HTTP2Connection {
  static let frameHeaderBytes = 9
  /// What a keepalive's ping holds; a drain's holds zeros.
  static let keepalivePing: [UInt8] = Array("amaru-ka".utf8)
  /// The debug data of GOAWAY for a client that pings too often.
  static let tooManyPings = "too_many_pings"

  let limits: HTTPLimits
  private let memory: SessionMemory
  @exclusivity(unchecked) private(set) var session: OpaquePointer?
  unowned let owner: any HTTPConnectionOwner
  /// The owner of a server's end, and that of a client's: one of them is there.
  unowned let server: (any HTTPServerOwner)?
  unowned let client: (any HTTPClientOwner)?
  /// Whether this is a client's end: asked for every header list, where an owner would have to be counted.
  let isClient: Bool
  @exclusivity(unchecked) var budget: AbuseBudget
  @exclusivity(unchecked) var pings: PingPolicy
  @exclusivity(unchecked) var now: UInt64
  /// The header list that is being received; lists of two streams never mix (RFC 9113 4.3).
  @exclusivity(unchecked) var fields = HTTPFields()
  @exclusivity(unchecked) var isListTruncated = false
  @exclusivity(unchecked) var isTrailerList = false
  /// The list before, and whether the one that is being received has been the same so far.
  @exclusivity(unchecked) var repeated = RepeatedHead()
  @exclusivity(unchecked) var repeatedTrailers = RepeatedHead()
  @exclusivity(unchecked) var isRepeating = false
  /// The stream last touched: most events in a row are for one stream.
  @exclusivity(unchecked) var current: Unmanaged<HTTP2Stream>?
  @exclusivity(unchecked) var currentID: Int32 = 0
  /// Body held until it is known whether it is the last of its stream.
  @exclusivity(unchecked) var held: UnsafeRawBufferPointer?
  /// A piece from nghttp2 that did not fit; nghttp2 keeps it until it is asked for the next.
  @exclusivity(unchecked) private var leftover = UnsafeRawBufferPointer(start: nil, count: 0)
  @exclusivity(unchecked) var target = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  @exclusivity(unchecked) var targetCount = 0
  @exclusivity(unchecked) var isFailed = false
  @exclusivity(unchecked) var drainState = DrainState.open

  enum DrainState {
    case open, noticed, draining
  }

  /// The open streams, in no order; each knows its place.
  @exclusivity(unchecked) var streams: [HTTP2Stream] = []
  /// Streams whose response is whole while their request is not.
  @exclusivity(unchecked) var answered: [Int32] = []
  /// Of a client: the stream whose head could not be sent, until nghttp2 closes it.
  @exclusivity(unchecked) var tooLongHead: Int32?
  /// Whether the client has sent its preface and SETTINGS.
  @exclusivity(unchecked) package internal(set) var isEstablished = false
  /// When the header list that is being received began, in nanoseconds; nil between lists.
  @exclusivity(unchecked) package internal(set) var headerBlockBegan: UInt64?
  /// Received bytes that wait for their handlers, over all streams.
  @exclusivity(unchecked) var keptBytes = 0
  /// Set by whatever gives nghttp2 something to send; the owner is told after the present event.
  @exclusivity(unchecked) var hasOutput = false {
    didSet { if hasOutput, !oldValue { owner.connectionHasOutput() } }
  }

  /// A server's connection that has received nothing yet; nil when there is no memory for it.
  package convenience init?(
    limits: HTTPLimits, memory: SessionMemory, owner: any HTTPServerOwner, now: UInt64
  ) {
    self.init(limits, memory, owner, server: owner, client: nil, now)
  }

  /// A client's connection that has received nothing yet; nil when there is no memory for it.
  package convenience init?(
    limits: HTTPLimits, memory: SessionMemory, client: any HTTPClientOwner, now: UInt64
  ) {
    self.init(limits, memory, client, server: nil, client: client, now)
  }

  private init?(
    _ limits: HTTPLimits, _ memory: SessionMemory, _ owner: any HTTPConnectionOwner,
    server: (any HTTPServerOwner)?, client: (any HTTPClientOwner)?, _ now: UInt64
  ) {
    self.limits = limits
    self.memory = memory
    self.owner = owner
    self.server = server
    self.client = client
    isClient = server == nil
    self.now = now
    budget = AbuseBudget(
      limits.abuseBudget, refillNanoseconds: limits.abuseRefillNanoseconds, now: now)
    pings = PingPolicy(
      interval: limits.minPingNanoseconds, allowsWithoutCalls: limits.allowsPingsWithoutCalls)
    var options: OpaquePointer?
    guard nghttp2_option_new(&options) == 0 else { return nil }
    defer { nghttp2_option_del(options) }
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    // Resets are held to the abuse budget, which knows what explains them; nghttp2's own count does not.
    nghttp2_option_set_stream_reset_rate_limit(options, 1 << 40, 1 << 40)
    // Heads repeat a handful of fields; a small table holds them and keeps idle connections small.
    nghttp2_option_set_max_deflate_dynamic_table_size(options, 1024)
    let make = isClient ? nghttp2_session_client_new3 : nghttp2_session_server_new3
    guard
      make(
        &session, HTTP2Callbacks.table, Unmanaged.passUnretained(self).toOpaque(), options,
        memory.table) == 0
    else { return nil }
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: UInt32(clamping: limits.maxConcurrentStreams)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(clamping: min(limits.streamWindowBytes, Int(Int32.max)))),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(clamping: limits.maxHeaderListBytes)),
    ]
    if isClient {
      settings[0] = nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0)
    }
    nghttp2_submit_settings(session, 0, &settings, settings.count)
    nghttp2_session_set_local_window_size(
      session, 0, 0, Int32(clamping: max(limits.connectionWindowBytes, 65535)))
    owner.connectionHasOutput()
  }

  deinit {
    // The kept fields hold memory of the session's.
    repeated = RepeatedHead()
    repeatedTrailers = RepeatedHead()
    nghttp2_session_del(session)
  }

  // MARK: Bytes in, bytes out

  /// Takes bytes from the peer at the time `now`, in nanoseconds.
  package func receive(_ bytes: UnsafeRawBufferPointer, now: UInt64) {
    guard !isFailed else { return }
    self.now = now
    let count = nghttp2_session_mem_recv(
      session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    deliverHeld(end: false)
    if count < 0 { fail(Int32(truncatingIfNeeded: count)) }
    hasOutput = true
  }

  /// Puts bytes for the peer into `buffer`, and says how many; 0 when there are none to send now.
  package func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    hasOutput = false
    target = buffer
    targetCount = 0
    while true {
      if leftover.count > 0 {
        let count = min(leftover.count, buffer.count - targetCount)
        UnsafeMutableRawBufferPointer(rebasing: buffer[targetCount..<targetCount + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: leftover[..<count]))
        targetCount += count
        leftover = UnsafeRawBufferPointer(rebasing: leftover[count...])
        if leftover.count > 0 { break }
      }
      var piece: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &piece)
      if count <= 0 {
        if count < 0 { isFailed = true }
        if count == 0, stopAnswered() { continue }
        break
      }
      leftover = UnsafeRawBufferPointer(start: piece, count: count)
    }
    target = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    return targetCount
  }

  /// Tells the peers of answered streams, once the end of the response is out, that the rest of the request
  /// is not wanted (RFC 9113 8.1). nghttp2 would drop the response if it were told before.
  private func stopAnswered() -> Bool {
    guard !answered.isEmpty else { return false }
    let count = answered.count
    answered.removeAll { id in
      // 0: the response is not out yet; -1: the stream is closed already.
      let closed = nghttp2_session_get_stream_local_close(session, id)
      if closed == 1 {
        nghttp2_submit_rst_stream(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, NGHTTP2_NO_ERROR.rawValue)
      }
      return closed != 0
    }
    return answered.count < count
  }

  /// Whether nothing more will be sent or received.
  package var isDone: Bool {
    guard leftover.count == 0 else { return false }
    if nghttp2_session_want_write(session) != 0 { return false }
    return isFailed || nghttp2_session_want_read(session) == 0
      || (drainState == .draining && streams.isEmpty)
  }

  /// How many calls are open.
  package var streamCount: Int { streams.count }

  // MARK: Ending

  /// Lets the running calls finish and takes no new ones: a first GOAWAY with the highest stream id, so that
  /// no request on its way is lost, and a ping; when that is answered, or at the next ``drain()``, the last
  /// GOAWAY (RFC 9113 6.8).
  package func drain() {
    switch drainState {
    case .open where isClient: endDrain()
    case .open:
      drainState = .noticed
      nghttp2_submit_shutdown_notice(session)
      nghttp2_submit_ping(session, 0, nil)
    case .noticed: endDrain()
    case .draining: break
    }
    hasOutput = true
  }

  func endDrain() {
    drainState = .draining
    nghttp2_submit_goaway(
      session, 0, nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR.rawValue,
      nil, 0)
    hasOutput = true
  }

  /// Asks the peer for an answer, which shows that it is still there.
  package func ping() {
    nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), Self.keepalivePing)
    hasOutput = true
  }

  /// Ends the connection of a client that pings too often. Source: gRPC's proposal A8.
  func refusePings() {
    let reason = Array(Self.tooManyPings.utf8)
    nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
      nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_ENHANCE_YOUR_CALM.rawValue, reason,
      reason.count)
    isFailed = true
    hasOutput = true
  }

  /// Ends the connection with GOAWAY for a peer that goes too far.
  package func refuse() {
    nghttp2_session_terminate_session(session, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    hasOutput = true
  }

  /// The connection is gone: every open stream is closed.
  package func lost() {
    isFailed = true
    closeUnsent()
    while let stream = streams.last { close(stream, .connectionLost) }
  }

  private func fail(_ code: Int32) {
    isFailed = true
    // A peer that does not speak HTTP/2 would not understand GOAWAY either (RFC 9113 3.4).
    guard code != NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue else { return }
    let reason =
      code == NGHTTP2_ERR_FLOODED.rawValue ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_INTERNAL_ERROR
    nghttp2_session_terminate_session(session, reason.rawValue)
  }
}
