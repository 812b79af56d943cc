// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// Makes gRPC of gRPC-Web: the trailers become the last frame of the body, and the text form is read and written.
///
/// Everything else of a call is gRPC's, so that it is a ``GRPCServerCall`` that stands behind it.
/// Source: `PROTOCOL-WEB.md` of gRPC, "Protocol differences vs gRPC over HTTP2".
final class GRPCWebStream: StreamFilter {
  /// The flag of the frame that holds the trailers ("Message framing").
  static let trailersFlag: UInt8 = 0x80

  private let form: GRPCContentType.WebForm
  private var decoder = Base64Decoder()
  /// What was last decoded. A message in it may be lent until the connection has parsed what it read.
  private var decoded: [UInt8] = []
  private var hasFailed = false

  init(_ form: GRPCContentType.WebForm, _ stream: any HTTPServerStream) {
    self.form = form
    super.init(stream)
  }

  // MARK: From the connection

  override func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
    guard form.isRequestText else { return super.receive(bytes, end: end) }
    guard !hasFailed else { return }
    let taken = decoder.pendingCount + bytes.count
    guard let piece = decoder.decode(bytes, end: end) else {
      hasFailed = true
      decoded = []
      (handler as? GRPCServerCall)?.fail(RPCError(.internal, "the request is not base64"))
      return
    }
    decoded = piece
    // The call gives credit for what it sees; the rest of the text is none of its business.
    let dropped = taken - decoder.pendingCount - piece.count
    if dropped > 0 { credit(dropped) }
    if piece.isEmpty, !end { return }
    // SAFETY: `decoded` is not changed before the next piece comes, and behind the last none does.
    let lent = decoded.withUnsafeBytes { $0 }
    super.receive(lent, end: end)
  }

  // MARK: From the call

  override func sendBody(_ bytes: UnsafeRawBufferPointer) {
    guard form.isResponseText else { return super.sendBody(bytes) }
    // Each piece with its padding: a message is not held back for what follows it.
    Base64.encodePadded(bytes).withUnsafeBytes { super.sendBody($0) }
  }

  override func sendTrailers(_ fields: HTTPFields) {
    var block: [UInt8] = []
    fields.forEach { name, value in
      block += name
      block += [0x3a, 0x20]
      block += value
      block += [0x0d, 0x0a]
    }
    var frame: [UInt8] = [Self.trailersFlag]
    withUnsafeBytes(of: UInt32(clamping: block.count).bigEndian) { frame += $0 }
    frame += block
    frame.withUnsafeBytes { sendBody($0) }
    super.sendTrailers(HTTPFields())
  }

  /// The trailers are behind the body here: without all of it nobody would find them.
  override func discardBody() {}
}
