// SPDX-License-Identifier: Apache-2.0
import AmaruHTTP

/// What stands between a connection's stream and a protocol, and changes what goes through. This one changes
/// nothing. Confined to the connection's loop.
///
/// The connection has it as the handler, and the handler has it as the stream.
class StreamFilter: HTTPServerStream, HTTPRequestHandler {
  /// Nil once the stream is closed.
  private(set) final var stream: (any HTTPServerStream)?
  /// Set right after the filter is made.
  final var handler: (any HTTPRequestHandler)?

  init(_ stream: any HTTPServerStream) { self.stream = stream }

  // MARK: From the handler

  func sendHead(_ fields: HTTPFields, end: Bool) { stream?.sendHead(fields, end: end) }
  func sendBody(_ bytes: UnsafeRawBufferPointer) { stream?.sendBody(bytes) }
  func sendTrailers(_ fields: HTTPFields) { stream?.sendTrailers(fields) }
  func discardBody() { stream?.discardBody() }

  final func sendHead(_ fields: PreparedFields) { sendHead(fields.fields, end: false) }
  final func sendTrailers(_ fields: PreparedFields) { sendTrailers(fields.fields) }
  final func reset(_ reason: HTTPStreamReset) { stream?.reset(reason) }
  final var unsentBytes: Int { stream?.unsentBytes ?? 0 }
  final func kept(_ count: Int) { stream?.kept(count) }
  final func released(_ count: Int) { stream?.released(count) }
  final func credit(_ count: Int) { stream?.credit(count) }

  // MARK: From the connection

  func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) { handler?.receive(bytes, end: end) }

  final func roomAvailable() { handler?.roomAvailable() }
  final func overflow() { handler?.overflow() }
  final func closed(_ reason: HTTPStreamClosure?) {
    stream = nil
    let handler = handler
    self.handler = nil
    handler?.closed(reason)
  }
}
