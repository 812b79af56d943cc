// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// One gRPC call that this side makes over HTTP/2. Confined to its loop. Source: `PROTOCOL-HTTP2.md` of gRPC.
///
/// ```
///   request:  head --> messages --> end
///   response: head --> (buffering) --whole message--> (queued) --taken--> credit; trailers --> status
/// ```
package final class GRPCClientCall: ClientCall, HTTPResponseHandler, DeadlineTarget,
  @unchecked Sendable
{
  private let environment: ClientEnvironment
  private let connection: any CallConnection
  private let requestCoding: ContentCoding
  private let maxRequestBytes: Int?
  // SAFETY: its connection keeps it until it has called `closed`.
  @exclusivity(unchecked) private unowned(unsafe) var stream: (any HTTPClientStream)?
  @exclusivity(unchecked) private var buffer: MessageReceiver
  @exclusivity(unchecked) private var responseCoding = ContentCoding.identity
  @exclusivity(unchecked) private var outcome: GRPCResponse?
  @exclusivity(unchecked) private var isEndWritten = false
  @exclusivity(unchecked) private var timer: AnyObject?
  /// Whether it is a call of the channel's user.
  package let isLoad: Bool

  private init(
    _ method: MethodDescriptor, _ options: CallOptions, _ environment: ClientEnvironment,
    _ connection: any CallConnection, isLoad: Bool
  ) {
    self.environment = environment
    self.isLoad = isLoad
    self.connection = connection
    requestCoding = options.compression
    maxRequestBytes = options.maxRequestBytes
    buffer = MessageReceiver(
      maxMessageBytes: options.maxResponseBytes ?? environment.limits.maxReceivedMessageBytes,
      maxInflationRatio: environment.limits.maxInflationRatio)
    super.init(method: method, deadline: options.deadline, executor: environment.executor)
  }

  /// Starts a call on `http`; nil when the connection takes no more.
  ///
  /// - Parameter isLoad: Whether it is a call of the channel's user.
  /// - Throws: `DEADLINE_EXCEEDED` when no time is left.
  package static func start(
    _ method: MethodDescriptor, _ options: CallOptions, environment: ClientEnvironment,
    on http: HTTP2Connection, connection: any CallConnection, isLoad: Bool = true
  ) throws(RPCError) -> GRPCClientCall? {
    let call = GRPCClientCall(method, options, environment, connection, isLoad: isLoad)
    var fields = environment.head(method)
    if let deadline = options.deadline {
      let now = environment.deadlines.now
      guard deadline.nanoseconds > now else {
        throw RPCError(.deadlineExceeded, "the deadline has passed before the call was sent")
      }
      fields.add("grpc-timeout", GRPCTimeout.text(nanoseconds: deadline.nanoseconds - now))
    }
    if call.requestCoding != .identity {
      fields.add("grpc-encoding", call.requestCoding.rawValue)
    }
    if options.previousAttempts > 0 {
      fields.add("grpc-previous-rpc-attempts", String(options.previousAttempts))
    }
    GRPCFields.add(options.metadata, to: &fields)
    guard let stream = http.open(fields, handler: call) else { return nil }
    call.stream = stream
    if let deadline = options.deadline {
      call.timer = environment.deadlines.schedule(call, at: deadline.nanoseconds)
    }
    return call
  }

  // MARK: From the connection

  package func receivedHead(_ head: HTTPHead) {
    guard !isFinished else { return }
    let response = GRPCResponse.of(head, isTrailers: false)
    if let refusal = response.refusal { return fail(refusal) }
    responseCoding = response.coding
    if response.status != nil {
      // Trailers only: there was nothing before the status.
      outcome = response
    } else {
      headArrived(response.metadata)
    }
  }

  package func receivedTrailers(_ trailers: HTTPHead) {
    guard !isFinished else { return }
    let response = GRPCResponse.of(trailers, isTrailers: true)
    if let refusal = response.refusal { return fail(refusal) }
    outcome = response
  }

  package func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard !isFinished else { return }
    do throws(RPCError) {
      if bytes.count > 0 { try buffer.keep(bytes, stream) }
      if end, buffer.hasPartialMessage, outcome?.status?.error == nil {
        throw RPCError(.internal, "the response ended inside a message")
      }
    } catch {
      return fail(error)
    }
    if end {
      ended()
    } else if buffer.messageCount > 0 {
      messageArrived()
    }
  }

  /// The server has sent its last byte.
  private func ended() {
    guard let outcome, let status = outcome.status else {
      return fail(RPCError(.unknown, "the response ended without grpc-status"))
    }
    cancelTimer()
    end(status.error, trailers: outcome.metadata)
    // The server wants no more of the request (RFC 9113 8.1).
    if !isEndWritten { stream?.reset(.cancelled) }
  }

  package func overflow() {
    fail(.overflow(of: "responses", environment.limits))
  }

  package func closed(_ reason: HTTPStreamClosure?) {
    stream = nil
    cancelTimer()
    if !isFinished {
      let (error, isUnprocessed) = GRPCClientCall.error(for: reason, connection)
      end(error, trailers: Metadata(), isUnprocessed: isUnprocessed)
    }
    connection.callClosed(self)
  }

  /// Source: "Errors" in `PROTOCOL-HTTP2.md`; RFC 9113 7.
  private static func error(
    for reason: HTTPStreamClosure?, _ connection: any CallConnection
  ) -> (RPCError, isUnprocessed: Bool) {
    switch reason {
    case nil: (RPCError(.internal, "the stream was closed without a status"), false)
    case .connectionLost:
      (RPCError(.unavailable, connection.lossReason ?? "the connection was lost"), false)
    case .neverSent:
      (RPCError(.unavailable, "the connection was lost before the call was sent"), true)
    case .headTooLong:
      (
        RPCError(
          .resourceExhausted, "the call's metadata is longer than the 64 KiB that can be sent"),
        false
      )
    case .reset(7):
      (RPCError(.unavailable, "the server refused the stream before it looked at it"), true)
    case .reset(8): (RPCError(.cancelled, "the server cancelled the stream"), false)
    case .reset(11):
      (RPCError(.resourceExhausted, "the server asks for less (ENHANCE_YOUR_CALM)"), false)
    case .reset(12):
      (RPCError(.permissionDenied, "the connection is not secure enough for the server"), false)
    case .reset(let code):
      (RPCError(.internal, "the server reset the stream with HTTP/2 error code \(code)"), false)
    }
  }

  package func deadlinePassed() {
    timer = nil
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// Ends the call from this side.
  private func fail(_ error: RPCError) {
    guard !isFinished else { return }
    cancel(error)
    writeCancellation()
  }

  private func cancelTimer() {
    guard let timer else { return }
    self.timer = nil
    environment.deadlines.cancel(timer)
  }

  // MARK: From the caller

  package override var peer: String { connection.peer }
  package override var lastMessageWasCompressed: Bool { buffer.wasCompressed }

  package override func takeMessage() throws -> UnsafeRawBufferPointer? {
    try buffer.take(responseCoding, environment.compression, stream)
  }

  package override func writeMessage(_ writer: inout BackWriter) {
    guard let stream, !isEndWritten else { return }
    if let limit = maxRequestBytes, writer.count > limit {
      return fail(
        RPCError(
          .resourceExhausted,
          "a request of \(writer.count) bytes is over the limit of \(limit) bytes"))
    }
    stream.send(
      &writer, compressesMessages ? requestCoding : .identity, environment.compression)
    if stream.unsentBytes >= environment.limits.sendBufferBytes { roomExhausted() }
  }

  package override func writeEnd() {
    guard !isEndWritten else { return }
    isEndWritten = true
    stream?.sendEnd()
  }

  package override func writeCancellation() {
    cancelTimer()
    stream?.reset(.cancelled)
  }
}
