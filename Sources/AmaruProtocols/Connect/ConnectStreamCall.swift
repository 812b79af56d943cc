// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// One streaming call of Connect: enveloped messages in and out, and the status as JSON in a last envelope.
///
/// Source: "Streaming RPCs" of the Connect protocol.
final class ConnectStreamCall: EnvelopedServerCall, @unchecked Sendable {
  /// The flag of the last envelope.
  static let endFlag: UInt8 = 2

  // SAFETY: kept by `head`.
  private unowned(unsafe) let request: ConnectRequest

  init(
    _ head: HTTPHead, _ request: ConnectRequest, handler: Handler,
    stream: any HTTPServerStream, environment: CallEnvironment, connection: any CallConnection
  ) {
    self.request = request
    super.init(
      head, timeoutNanoseconds: request.timeoutNanoseconds, codec: request.contentType.codec,
      requestCoding: request.requestCoding, handler: handler, stream: stream,
      environment: environment, connection: connection)
    begin()
  }

  override var metadata: Metadata { ConnectFields.metadata(head.fields) }
  override var undecodableCode: StatusCode { .invalidArgument }

  override func writeHead() {
    guard let stream, !isHeadWritten else { return }
    isHeadWritten = true
    responseCoding = chosenCoding(request.acceptedCodings)
    var fields = ConnectFields.head(status: 200, contentType: request.contentType.name)
    if responseCoding != .identity {
      fields.add("connect-content-encoding", responseCoding.rawValue)
    }
    if let response = responseMetadata { GRPCFields.add(response.initial, to: &fields) }
    stream.sendHead(fields, end: false)
  }

  override func writeStatus(_ error: RPCError?) {
    cancelTimer()
    writeHead()
    guard let stream else { return }
    Self.end(stream, error, responseMetadata?.trailing ?? Metadata())
  }

  /// Ends a stream whose head is sent. What was written before is not thrown away: the status is behind it.
  static func end(_ stream: any HTTPServerStream, _ error: RPCError?, _ trailing: Metadata) {
    var trailing = trailing
    if let error { trailing.append(error.metadata) }
    let text = Array(ConnectJSON.end(error, trailing).utf8)
    var frame = [endFlag]
    withUnsafeBytes(of: UInt32(clamping: text.count).bigEndian) { frame += $0 }
    frame += text
    frame.withUnsafeBytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
  }
}
