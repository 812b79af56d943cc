// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport
import CNghttp2

@testable import AmaruHTTP
@testable import AmaruProtocols

/// A stream that notes what is sent, and keeps account of windows.
final class FakeStream: HTTPServerStream {
  var heads: [[Field]] = []
  var body: [UInt8] = []
  var trailers: [Field]?
  var isEnded = false
  var reset: HTTPStreamReset?
  /// Bytes that the peer has not taken yet.
  var unsentBytes = 0
  var isBodyDiscarded = false
  var keptBytes = 0
  var credited = 0

  func sendHead(_ fields: HTTPFields, end: Bool) {
    heads.append(fields.list)
    if end { isEnded = true }
  }
  func sendHead(_ fields: PreparedFields) { heads.append(fields.list) }
  func sendBody(_ bytes: UnsafeRawBufferPointer) { body += bytes }
  func discardBody() {
    isBodyDiscarded = true
    unsentBytes = 0
  }
  func sendTrailers(_ fields: HTTPFields) {
    trailers = fields.list
    isEnded = true
  }
  func sendTrailers(_ fields: PreparedFields) {
    trailers = fields.list
    isEnded = true
  }
  func reset(_ reason: HTTPStreamReset) { reset = reason }
  func kept(_ count: Int) { keptBytes += count }
  func released(_ count: Int) { keptBytes -= count }
  func credit(_ count: Int) { credited += count }

  /// The last value under `name` in head or trailers.
  func value(_ name: String) -> String? {
    (heads.joined() + (trailers ?? [])).last { $0.name == name }?.value
  }
  var status: Int? { value("grpc-status").flatMap { Int($0) } }
  var messages: [(flag: UInt8, message: [UInt8])] { Envelope.split(body) }
  var texts: [String] { messages.map { (try? Text(decoding: $0.message))?.value ?? "?" } }
}

extension HTTPFields {
  var list: [Field] {
    var fields: [Field] = []
    forEach { name, value in
      fields.append(
        Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
    return fields
  }
}

extension PreparedFields {
  var list: [Field] {
    pairs.map { pair in
      Field(
        String(decoding: UnsafeBufferPointer(start: pair.name, count: pair.namelen), as: UTF8.self),
        String(decoding: UnsafeBufferPointer(start: pair.value, count: pair.valuelen), as: UTF8.self))
    }
  }
}

/// One gRPC call on a fake stream, on a loop and a clock that the test turns.
final class CallBench {
  final class Connection: CallConnection, @unchecked Sendable {
    let peer = "ipv4:127.0.0.1:1234"
  }

  let loop = ManualLoop()
  let deadlines = ManualDeadlines()
  let log = LogLines()
  let dispatcher: CallDispatcher
  let environment: CallEnvironment
  let stream = FakeStream()
  private(set) var handler: (any HTTPRequestHandler)?
  private var received = 0
  private var isClosed = false

  init(
    _ service: TestService = .echo, limits: Limits = Limits(),
    responseCoding: ContentCoding = .identity, interceptors: [any Interceptor] = [], cors: CORS? = nil
  ) throws {
    dispatcher = CallDispatcher(executor: loop, logger: log.logger)
    environment = CallEnvironment(
      router: try Router([service], interceptors: interceptors), dispatcher: dispatcher,
      limits: limits, responseCoding: responseCoding, executor: loop, deadlines: deadlines,
      cors: cors)
  }

  deinit {
    close(.connectionLost)
    loop.runReadyJobs()
    dispatcher.shutDown()
    loop.runReadyJobs()
  }

  var call: GRPCServerCall? { handler as? GRPCServerCall }

  /// Begins a call of `method`; false when its content type is not gRPC's.
  @discardableResult
  func begin(_ method: String, _ fields: [Field] = [], contentType: String? = "application/grpc") -> Bool {
    var list = HTTPFields()
    for field in grpcFields(method.hasPrefix("/") ? method : "/test.v1.Test/\(method)") {
      if field.name != "content-type" { list.add(field.name, field.value) }
    }
    if let contentType { list.add("content-type", contentType) }
    for field in fields { list.add(field.name, field.value) }
    return begin(HTTPHead(list))
  }

  func begin(_ head: HTTPHead) -> Bool {
    handler = GRPCServerCall.begin(
      head, on: stream, environment: environment, connection: Connection())
    return handler != nil
  }

  /// Begins a request of any protocol.
  func select(
    _ fields: [Field], path: String = "/test.v1.Test/Unary", method: String = "POST",
    isHTTP1: Bool = false
  ) {
    var list = HTTPFields()
    list.add(":method", method)
    list.add(":path", path)
    for field in fields { list.add(field.name, field.value) }
    handler = ProtocolSelection.begin(
      HTTPHead(list), isHTTP1: isHTTP1, on: stream, environment: environment,
      connection: Connection())
  }

  /// Gives bytes to the call from memory that is overwritten afterwards, as a receive buffer is.
  func receive(_ bytes: [UInt8], end: Bool = false) {
    received += bytes.count
    var buffer = bytes
    buffer.withUnsafeMutableBytes { raw in
      handler?.receive(UnsafeRawBufferPointer(raw), end: end)
      dispatcher.drain()
      for index in raw.indices { raw[index] = 0xaa }
    }
    loop.runReadyJobs()
  }

  func receive(_ texts: String..., end: Bool = false) {
    receive(texts.flatMap { Envelope.bytes(Text($0).encoded()) }, end: end)
  }

  func close(_ reason: HTTPStreamClosure?) {
    guard !isClosed else { return }
    isClosed = true
    handler?.closed(reason)
    loop.runReadyJobs()
  }

  /// Waits for the end of the response.
  func finish() { loop.run { stream.isEnded } }

  /// Credit that was given for bytes that the call still keeps, or twice: there must be none.
  var overcredit: Int { stream.credited - received }
}
