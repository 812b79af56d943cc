// SPDX-License-Identifier: Apache-2.0
import AmaruIO

/// One connection of a scraper: one request, one answer, within a time. Confined to its loop.
final class ScrapeConnection: ByteStreamHandler {
  private let socket: StreamSocket
  private unowned let loop: EventLoop
  private var exchange: ScrapeExchange
  private var answer: [UInt8]?
  private var sent = 0
  private var timer: Timer?
  private var onClose: (() -> Void)?

  /// Takes over `socket`, which is closed after `nanoseconds` at the latest; then, and not before ``start()``,
  /// `onClose` is called once.
  init(
    _ socket: StreamSocket, _ loop: EventLoop, _ metrics: Metrics, nanoseconds: UInt64,
    onClose: @escaping () -> Void
  ) {
    self.socket = socket
    self.loop = loop
    self.onClose = onClose
    exchange = ScrapeExchange { metrics.openMetricsText() }
    socket.handler = self
    let timer = Timer { [unowned socket] in socket.close() }
    self.timer = timer
    loop.schedule(timer, at: loop.now + nanoseconds)
  }

  /// Begins to read.
  func start() { if (try? socket.start()) == nil { socket.close() } }

  /// Closes the connection at once.
  func close() { socket.close() }

  func receive(_ bytes: UnsafeRawBufferPointer) {
    guard answer == nil else { return }
    answer = exchange.receive(bytes)
    if answer != nil { socket.setNeedsFlush() }
  }

  func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let answer, sent < answer.count else { return 0 }
    let piece = answer[sent...].prefix(buffer.count)
    buffer.copyBytes(from: piece)
    sent += piece.count
    return piece.count
  }

  var isDone: Bool { answer.map { sent == $0.count } ?? false }

  func closed() {
    if let timer { loop.cancel(timer) }
    timer = nil
    onClose?()
    onClose = nil
  }
}
