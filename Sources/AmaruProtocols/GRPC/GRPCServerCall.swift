// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One call of gRPC, or of gRPC-Web behind a ``GRPCWebStream``: enveloped messages in, enveloped messages out.
/// Confined to its loop.
///
/// ```
///   request:  (buffering) --whole message--> (queued) --taken--> credit to the peer
///   response: head --> messages --> trailers             error before the head: trailers only
/// ```
package final class GRPCServerCall: ServerCall, HTTPRequestHandler, DeadlineTarget,
  @unchecked Sendable
{
  private let head: HTTPHead
  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: GRPCRequest
  // SAFETY: the loop's, which outlives its streams; used only while `stream` is there.
  private unowned(unsafe) let environment: CallEnvironment
  private let connection: any CallConnection
  private let sendBufferBytes: Int
  // SAFETY: its connection keeps it until it has called `closed`.
  @exclusivity(unchecked) private unowned(unsafe) var stream: (any HTTPServerStream)?
  @exclusivity(unchecked) private var buffer: MessageReceiver
  /// A whole message that lies in the memory into which the connection reads.
  @exclusivity(unchecked) private var borrowed: UnsafeRawBufferPointer?
  @exclusivity(unchecked) private var isDispatched = false
  @exclusivity(unchecked) private var isHeadWritten = false
  @exclusivity(unchecked) private var responseCoding = ContentCoding.identity
  @exclusivity(unchecked) private var timer: AnyObject?

  private init(
    _ head: HTTPHead, _ request: GRPCRequest, handler: Handler,
    stream: any HTTPServerStream, environment: CallEnvironment, connection: any CallConnection
  ) {
    self.head = head
    self.request = request
    self.stream = stream
    self.environment = environment
    self.connection = connection
    sendBufferBytes = environment.limits.sendBufferBytes
    buffer = MessageReceiver(
      maxMessageBytes: environment.limits.maxReceivedMessageBytes,
      maxInflationRatio: environment.limits.maxInflationRatio)
    let deadline = request.timeoutNanoseconds.map { timeout in
      let (sum, overflow) = environment.deadlines.now.addingReportingOverflow(timeout)
      return Deadline(nanoseconds: overflow ? .max : sum)
    }
    super.init(handler: handler, deadline: deadline, executor: environment.executor)
    if let deadline {
      timer = environment.deadlines.schedule(self, at: deadline.nanoseconds)
    }
    if environment.observer != nil { observe(by: environment.observer) }
    if !handler.method.kind.hasSingleRequest { dispatch() }
  }

  /// Whether `head` has gRPC's content type, and not that of gRPC-Web.
  static func needsHTTP2(_ head: HTTPHead) -> Bool {
    GRPCContentType(head).map { $0.web == nil } ?? false
  }

  /// The handler for a request with the content type of gRPC or gRPC-Web; nil when it has another.
  package static func begin(
    _ head: HTTPHead, on stream: any HTTPServerStream, environment: CallEnvironment,
    connection: any CallConnection
  ) -> (any HTTPRequestHandler)? {
    let request: GRPCRequest
    if let known = head.interpretation, type(of: known) == GRPCRequest.self {
      request = unsafeDowncast(known, to: GRPCRequest.self)
    } else {
      guard let contentType = GRPCContentType(head) else { return nil }
      guard head.method == "POST" else {
        return PlainResponse(405, "Use POST.", fields: [("allow", "POST")], on: stream)
      }
      request = GRPCRequest(
        head, contentType: contentType, router: environment.router, limits: environment.limits)
      head.interpret(request)
    }
    guard let form = request.contentType.web else {
      return begin(head, request, on: stream, environment: environment, connection: connection)
    }
    let filter = GRPCWebStream(form, stream)
    filter.handler = begin(
      head, request, on: filter, environment: environment, connection: connection)
    return filter
  }

  private static func begin(
    _ head: HTTPHead, _ request: GRPCRequest, on stream: any HTTPServerStream,
    environment: CallEnvironment, connection: any CallConnection
  ) -> any HTTPRequestHandler {
    guard let handler = request.handler else {
      let refusal = request.refusal ?? RPCError(.internal)
      environment.observer?.callRefused(
        CallRefusal(
          path: head.path, peer: connection.peer, userAgent: head.fields.value("user-agent"),
          error: refusal))
      return RefusedCall(refusal, contentType: request.contentType.response, on: stream)
    }
    return GRPCServerCall(
      head, request, handler: handler, stream: stream, environment: environment,
      connection: connection)
  }

  // MARK: From the connection

  package func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished, !isHalfClosed else { return }
    let isSingle = handler.method.kind.hasSingleRequest
    do throws(RPCError) {
      if isSingle, end, buffer.isEmpty, let message = try buffer.wholeMessage(bytes) {
        borrowed = message
        environment.dispatcher.borrowed()
      } else {
        if bytes.count > 0 { try buffer.keep(bytes, stream) }
        if end { try checkEnd() }
      }
    } catch {
      fail(error)
      return
    }
    if end {
      halfClose()
      if isSingle { dispatch() }
    } else if buffer.messageCount > 0 {
      messageArrived()
    }
  }

  package func overflow() {
    fail(.overflow(of: "requests", environment.limits))
  }

  package func closed(_ reason: HTTPStreamClosure?) {
    stream = nil
    cancelTimer()
    if borrowed != nil {
      borrowed = nil
      environment.dispatcher.returned()
    }
    buffer.removeAll()
    guard !isFinished else { return }
    switch reason {
    case nil: cancel(RPCError(.cancelled, "the stream was closed"))
    case .reset: cancel(RPCError(.cancelled, "the caller cancelled the call"))
    case .connectionLost: cancel(RPCError(.cancelled, "the connection was lost"))
    }
  }

  package func deadlinePassed() {
    timer = nil
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// Ends the call from the wire's side: the peer gets the status, the handler is cancelled.
  func fail(_ error: RPCError) {
    guard !isFinished else { return }
    cancel(error)
    writeStatus(error)
  }

  private func dispatch() {
    guard !isDispatched else { return }
    isDispatched = true
    environment.dispatcher.dispatch(self)
  }

  // MARK: Messages in

  private func checkEnd() throws(RPCError) {
    guard !buffer.hasPartialMessage else {
      throw RPCError(.internal, "the request ended inside a message")
    }
    guard handler.method.kind.hasSingleRequest, buffer.messageCount != 1 else { return }
    throw RPCError(
      .internal,
      "\(handler.method.fullName) takes one message, and \(buffer.messageCount) came")
  }

  package override func keepMessages() {
    guard let message = borrowed else { return }
    borrowed = nil
    environment.dispatcher.returned()
    buffer.keep(whole: message, stream)
  }

  package override func takeMessage() throws -> UnsafeRawBufferPointer? {
    if let message = borrowed {
      borrowed = nil
      environment.dispatcher.returned()
      buffer.tookUncompressed()
      return message
    }
    return try buffer.take(request.requestCoding, environment.compression, stream)
  }

  package override var metadata: Metadata { GRPCFields.metadata(head.fields) }
  package override var peer: String { connection.peer }
  package override var userAgent: String? { head.fields.value("user-agent") }
  package override var peerIdentity: PeerIdentity? { connection.peerIdentity }
  package override var lastMessageWasCompressed: Bool { buffer.wasCompressed }

  // MARK: Messages out

  package override func writeHead() {
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    let response = responseMetadata
    // A handler that has said anything of compression may change its mind with each message.
    let wanted = response?.compresses == nil ? environment.responseCoding : .gzip
    if wanted != .identity, let accepted = request.acceptedCodings,
      wanted.isAccepted(by: accepted)
    {
      responseCoding = wanted
    }
    if request.hasUsualHead, response?.initial.isEmpty ?? true {
      stream.sendHead(GRPCFields.head)
      return
    }
    var fields = GRPCFields.head(contentType: request.contentType.response)
    if responseCoding != .identity { fields.add("grpc-encoding", responseCoding.rawValue) }
    if request.acceptedCodings != nil {
      fields.add("grpc-accept-encoding", ContentCoding.acceptList)
    }
    if let response { GRPCFields.add(response.initial, to: &fields) }
    stream.sendHead(fields, end: false)
  }

  package override func writeMessage(_ writer: inout BackWriter) {
    if !isHeadWritten { writeHead() }
    guard let stream else { return }
    var coding = responseCoding
    if coding != .identity, responseMetadata?.compresses == false { coding = .identity }
    stream.send(&writer, coding, environment.compression)
    if stream.unsentBytes >= sendBufferBytes { roomExhausted() }
  }

  package override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    guard let stream else { return }
    let response = responseMetadata
    if error == nil, response?.trailing.isEmpty ?? true {
      writeHead()
      stream.sendTrailers(GRPCFields.success)
      return
    }
    let trailing = response?.trailing ?? Metadata()
    if !isHeadWritten, error != nil {
      isHeadWritten = true
      var fields = GRPCFields.head(contentType: request.contentType.response)
      if let response { GRPCFields.add(response.initial, to: &fields) }
      GRPCFields.add(error, to: &fields)
      GRPCFields.add(trailing, to: &fields)
      stream.sendHead(fields, end: true)
      return
    }
    writeHead()
    if wasCancelled { stream.discardBody() }
    var fields = HTTPFields()
    GRPCFields.add(error, to: &fields)
    GRPCFields.add(trailing, to: &fields)
    stream.sendTrailers(fields)
  }

  private func cancelTimer() {
    guard let timer else { return }
    self.timer = nil
    environment.deadlines.cancel(timer)
  }
}
