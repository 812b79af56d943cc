// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

/// The response to a request of plain HTTP: JSON, lines of JSON, events, or raw bodies.
/// Source: `docs/protocols/gateway.md`.
struct TranscodedResponse {
  /// How the messages are written.
  enum Form {
    /// One, as JSON.
    case json
    /// Many, a line of JSON each (`application/x-ndjson`).
    case lines
    /// Many, an event each (`text/event-stream`; HTML, "Server-sent events").
    case events
    /// The data of `google.api.HttpBody` messages.
    case raw

    /// What a caller that sends this `accept` gets.
    init(accept: String?, isStream: Bool) {
      guard isStream else {
        self = .json
        return
      }
      let wantsEvents = accept?.split(separator: ",").contains { type in
        type.prefix { $0 != ";" }.lowercased().filter { $0 != " " } == "text/event-stream"
      }
      self = wantsEvents == true ? .events : .lines
    }

    /// The head of a response that has nothing of its own; a raw one has its own type too.
    var head: PreparedFields {
      switch self {
      case .json, .raw: ConnectFields.json
      case .lines: Self.linesHead
      case .events: Self.eventsHead
      }
    }

    private static let linesHead = PreparedFields(
      ConnectFields.head(status: 200, contentType: "application/x-ndjson"))
    private static let eventsHead = {
      var fields = ConnectFields.head(status: 200, contentType: "text/event-stream")
      fields.add("cache-control", "no-cache")
      return PreparedFields(fields)
    }()
  }

  // SAFETY: kept by the head of its call.
  private unowned(unsafe) let request: TranscodedRequest
  private var isHeadWritten = false
  /// The message of a response that has one.
  private var message: [UInt8]?

  init(_ request: TranscodedRequest) {
    self.request = request
  }

  private var transcoding: Transcoding { request.transcoding }
  private var form: Form { request.form }

  /// Whether messages go out as they come; otherwise the head waits for the status.
  private var isStreaming: Bool { request.isStreaming }

  /// Sends the head of a stream, if that was not done.
  mutating func writeHead(
    _ beside: ResponseMetadata?, contentType: String? = nil, on stream: any HTTPServerStream
  ) {
    guard isStreaming, !isHeadWritten, form != .raw || contentType != nil else { return }
    isHeadWritten = true
    guard beside != nil || contentType != nil else { return stream.sendHead(form.head) }
    var fields = form.head.fields
    if let contentType { fields = ConnectFields.head(status: 200, contentType: contentType) }
    if let beside { GRPCFields.add(beside.initial, to: &fields) }
    stream.sendHead(fields, end: false)
  }

  /// Sends a message of a stream, or keeps the one of another response.
  mutating func write(
    _ bytes: UnsafeRawBufferPointer, _ beside: ResponseMetadata?, on stream: any HTTPServerStream
  ) {
    guard isStreaming else {
      message = [UInt8](bytes)
      return
    }
    guard request.hasPlainResponse else {
      let body = transcoding.body([UInt8](bytes))
      writeHead(beside, contentType: form == .raw ? body.contentType : nil, on: stream)
      return body.bytes.withUnsafeBytes { send($0, on: stream) }
    }
    writeHead(beside, on: stream)
    send(bytes, on: stream)
  }

  /// Sends the JSON of one message in the form of the stream.
  private func send(_ bytes: UnsafeRawBufferPointer, on stream: any HTTPServerStream) {
    switch form {
    case .json, .raw: stream.sendBody(bytes)
    case .lines:
      stream.sendBody(bytes)
      stream.sendText("\n")
    case .events:
      stream.sendText("data: ")
      stream.sendBody(bytes)
      stream.sendText("\n\n")
    }
  }

  /// Ends the response.
  /// - Parameter coding: how a body that is sent in one piece may be compressed.
  mutating func end(
    _ error: RPCError?, _ beside: ResponseMetadata?, coding: ContentCoding,
    compression: Compression, on stream: any HTTPServerStream
  ) {
    if isStreaming { return endStream(error, beside, on: stream) }
    if let error { return Self.fail(stream, error, beside) }
    if coding == .identity, beside == nil, request.hasPlainResponse {
      stream.sendHead(ConnectFields.json)
      message?.withUnsafeBytes { stream.sendBody($0) }
      return stream.sendTrailers(HTTPFields())
    }
    var (contentType, bytes) = transcoding.body(message ?? [])
    var fields = ConnectFields.head(status: 200, contentType: contentType)
    if coding != .identity,
      let compressed = bytes.withUnsafeBytes({ compression.compress($0, coding) })
    {
      bytes = compressed
      fields.add("content-encoding", coding.rawValue)
    }
    Self.add(beside, to: &fields)
    stream.sendHead(fields, end: false)
    bytes.withUnsafeBytes { stream.sendBody($0) }
    stream.sendTrailers(HTTPFields())
  }

  private mutating func endStream(
    _ error: RPCError?, _ beside: ResponseMetadata?, on stream: any HTTPServerStream
  ) {
    if let error, !isHeadWritten { return Self.fail(stream, error, beside) }
    writeHead(beside, contentType: form == .raw ? "application/octet-stream" : nil, on: stream)
    if let error {
      guard form != .raw else { return stream.reset(.internalError) }
      stream.sendText(form == .events ? "event: error\ndata: " : "{\"error\":")
      stream.sendText(Self.body(error))
      stream.sendText(form == .events ? "\n\n" : "}\n")
    } else if form == .events {
      stream.sendText("event: end\ndata: {}\n\n")
    }
    var trailers = HTTPFields()
    if let trailing = beside?.trailing { GRPCFields.add(trailing, to: &trailers) }
    if let error { GRPCFields.add(error.metadata, to: &trailers) }
    stream.sendTrailers(trailers)
  }

  // MARK: Errors

  /// Answers with an error in place of a response.
  static func fail(
    _ stream: any HTTPServerStream, _ error: RPCError, _ beside: ResponseMetadata?
  ) {
    var fields = ConnectFields.head(
      status: error.code.httpStatus, contentType: "application/json")
    add(beside, to: &fields)
    GRPCFields.add(error.metadata, to: &fields)
    stream.sendHead(fields, end: false)
    stream.sendText(body(error))
    stream.sendTrailers(HTTPFields())
  }

  /// Answers a request that is no call.
  static func refuse(
    _ status: Int, _ detail: String, _ extra: [(String, String)] = [],
    on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    var fields = ConnectFields.head(status: status, contentType: "application/json")
    for (name, value) in extra { fields.add(name, value) }
    stream.sendHead(fields, end: false)
    stream.sendText("{\"detail\":\(ConnectJSON.quoted(detail))}")
    stream.sendTrailers(HTTPFields())
    return DroppedRequest()
  }

  /// `{"detail": ..., "code": ..., "details": [...]}`
  private static func body(_ error: RPCError) -> String {
    let detail = error.message.isEmpty ? error.code.connectName : error.message
    var parts = ["\"detail\":\(ConnectJSON.quoted(detail))"]
    parts.append("\"code\":\(ConnectJSON.quoted(error.code.connectName))")
    if !error.details.isEmpty { parts.append("\"details\":\(ConnectJSON.details(error))") }
    return "{\(parts.joined(separator: ","))}"
  }

  private static func add(_ beside: ResponseMetadata?, to fields: inout HTTPFields) {
    guard let beside else { return }
    GRPCFields.add(beside.initial, to: &fields)
    GRPCFields.add(beside.trailing, prefix: "trailer-", to: &fields)
  }
}

extension HTTPServerStream {
  /// Sends text as a part of the body.
  fileprivate func sendText(_ text: String) {
    var text = text
    text.withUTF8 { sendBody(UnsafeRawBufferPointer($0)) }
  }
}
