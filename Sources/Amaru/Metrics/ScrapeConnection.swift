// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP
import AmaruIO
import AmaruProtocols

/// One connection of a scraper: one request, one answer, within a time. Confined to its loop.
final class ScrapeConnection: ByteStreamHandler, HTTPServerOwner {
  private static let limits = HTTPLimits(maxHeaderListBytes: MetricsEndpoint.maxHeaderListBytes)

  private let socket: StreamSocket
  private unowned let loop: EventLoop
  private let metrics: Metrics
  private var timer: Timer?
  private var onClose: (() -> Void)?
  private lazy var http = HTTP1Connection(
    limits: Self.limits, owner: self, scheme: "http", date: nil, now: loop.now)

  /// Takes over `socket`, which is closed after `nanoseconds` at the latest; then, and not before ``start()``,
  /// `onClose` is called once.
  init(
    _ socket: StreamSocket, _ loop: EventLoop, _ metrics: Metrics, nanoseconds: UInt64,
    onClose: @escaping () -> Void
  ) {
    self.socket = socket
    self.loop = loop
    self.metrics = metrics
    self.onClose = onClose
    socket.handler = self
    let timer = Timer { [unowned socket] in socket.close() }
    self.timer = timer
    loop.schedule(timer, at: loop.now + nanoseconds)
  }

  /// Begins to read.
  func start() { if (try? socket.start()) == nil { socket.close() } }

  /// Closes the connection at once.
  func close() { socket.close() }

  // MARK: ByteStreamHandler

  func receive(_ bytes: UnsafeRawBufferPointer) {
    http.receive(bytes, now: loop.now)
    socket.setPaused(!http.wantsBytes)
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int { http.produce(into: buffer) }

  var isDone: Bool { http.isDone }

  func closed() {
    if let timer { loop.cancel(timer) }
    timer = nil
    http.lost()
    onClose?()
    onClose = nil
  }

  // MARK: HTTPServerOwner

  func connectionHasOutput() { socket.setNeedsFlush() }

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    let fields = [("connection", "close")]
    guard head.path.prefix(while: { $0 != "?" }) == "/metrics" else {
      return PlainResponse(404, "Only /metrics is here.", fields: fields, on: stream)
    }
    guard head.method == "GET" || head.method == "HEAD" else {
      return PlainResponse(
        405, "Use GET.", fields: fields + [("allow", "GET, HEAD")], on: stream)
    }
    return PlainResponse(
      200, metrics.openMetricsText(), type: OpenMetrics.contentType, fields: fields, on: stream)
  }
}
