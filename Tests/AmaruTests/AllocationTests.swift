// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP
import AmaruIO
import AmaruTestSupport
import CAllocationCount
import Testing

@testable import Amaru
@testable import AmaruCore
@testable import AmaruProtocols

/// A connection and its calls without a socket, on one thread, where allocations can be counted.
private final class Bench: HTTPServerOwner, CallConnection, @unchecked Sendable {
  let peer = "ipv4:127.0.0.1:1"
  let loop = ManualLoop()
  let environment: CallEnvironment
  private var http: HTTP2Connection?
  private var output = [UInt8](repeating: 0, count: 1 << 16)
  private(set) var sentBytes = 0
  private let clock = try? EventLoop()
  let counts: ServerCounts

  init(_ service: TestService, counts isCounting: Bool) throws {
    let router = try Router([service])
    counts = ServerCounts(router.methods)
    environment = CallEnvironment(
      router: router,
      dispatcher: CallDispatcher(executor: loop, logger: .none), limits: Limits(),
      responseCoding: .identity, executor: loop, deadlines: ManualDeadlines(),
      observer: isCounting ? clock.flatMap { [counts] in ServerObserver($0, counts, nil) } : nil)
    http = HTTP2Connection(
      limits: HTTPLimits(abuseBudget: .max), memory: SessionMemory(), owner: self, now: 0)
  }

  func close() {
    http?.lost()
    http = nil
    environment.dispatcher.shutDown()
    loop.runReadyJobs()
  }

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    GRPCServerCall.begin(head, on: stream, environment: environment, connection: self)
      ?? PlainResponse(415, "", on: stream)
  }

  func connectionHasOutput() {}

  /// What a server does with one read.
  func turn(_ bytes: [UInt8]) {
    guard let http else { return }
    bytes.withUnsafeBytes { http.receive($0, now: 0) }
    environment.dispatcher.drain()
    loop.runReadyJobs()
    while case let count = output.withUnsafeMutableBytes({ http.produce(into: $0) }), count > 0 {
      sentBytes += count
    }
  }
}

/// The heap allocations of one call on a connection that has seen some, in debug builds (swift test).
///
/// The thresholds are what was measured, so that one more fails; lower them when a change saves some.
@Suite(.ownThread)
struct AllocationTests {
  /// The fewest allocations that one of many calls made: growth of tables comes now and then.
  private func fewest(
    _ service: TestService, _ method: String, _ text: String, counts: Bool = false
  ) throws -> Int64? {
    guard allocation_count() >= 0 else { return nil }
    let bench = try Bench(service, counts: counts)
    defer { bench.close() }
    bench.turn(Frame.preface + Frame.settings().bytes + Frame.settingsAck.bytes)
    var fewest = Int64.max
    let message = Envelope.bytes(Text(text).encoded())
    for number in 0..<200 {
      let stream = UInt32(1 + 2 * number)
      let bytes =
        Frame.headers(stream, grpcFields("/test.v1.Test/\(method)")).bytes
        + Frame.data(stream, message, end: true).bytes
        + (Frame.windowUpdate(0, 1000).bytes)
      let sent = bench.sentBytes
      let before = allocation_count()
      bench.turn(bytes)
      let count = allocation_count() - before
      #expect(bench.sentBytes > sent)
      if number > 20 { fewest = min(fewest, count) }
    }
    if counts {
      var totals = ServerTotals()
      bench.counts.add(to: &totals)
      #expect(totals.calls["test.v1.Test/\(method)"]?[CallCounts.started] == 200)
    }
    return fewest
  }

  private static let long = String(repeating: "long enough for the heap ", count: 4)

  @Test(
    arguments: [
      // The stream, the call, and what nghttp2 keeps of them; a long text is one more.
      ("Unary", "short", 4), ("Unary", long, 5), ("List", "a,b,c", 10),
    ] as [(String, String, Int64)])
  func aCallOnAWarmConnectionAllocatesNoMoreThanMeasuredCountedOrNot(
    _ method: String, _ text: String, _ most: Int64
  ) throws {
    guard let count = try fewest(.echo, method, text) else { return }
    #expect(count <= most)
    #expect(try fewest(.echo, method, text, counts: true) == count)
    // Under a count that is far too low, the counter itself is broken.
    #expect(count > 0)
  }
}
