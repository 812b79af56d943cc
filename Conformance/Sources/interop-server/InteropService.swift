// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The server side of gRPC's interoperability tests, as `interop-test-descriptions.md` wants it.
///
/// The `fill_...` fields ask for what only authenticated calls have, so they stay empty.
struct InteropService: TestService {
  /// The largest payload that a caller may ask for, in bytes.
  private static let maxPayloadBytes: Int32 = 64 << 20

  let load: ReportedLoad

  func emptyCall(_ request: Empty, context: CallContext) async throws -> Empty { Empty() }

  func unaryCall(
    _ request: SimpleRequest, context: CallContext
  ) async throws -> SimpleResponse {
    try expectCompressed(request.expectCompressed, context)
    try throwStatus(request.responseStatus)
    if let wanted = request.orcaPerQueryReport {
      try context.trailers.add("endpoint-load-metrics-bin", OrcaLoadReport(wanted).encoded())
    }
    if let compressed = request.responseCompressed {
      context.compressesResponses = compressed.value
    }
    let payload = try payload(request.responseSize)
    return .with { $0.payload = payload }
  }

  func cacheableUnaryCall(
    _ request: SimpleRequest, context: CallContext
  ) async throws -> SimpleResponse {
    try await unaryCall(request, context: context)
  }

  func streamingOutputCall(
    _ request: StreamingOutputCallRequest,
    to responses: MessageWriter<StreamingOutputCallResponse>,
    context: CallContext
  ) async throws {
    try await answer(request, to: responses, context)
  }

  func streamingInputCall(
    _ requests: MessageStream<StreamingInputCallRequest>, context: CallContext
  ) async throws -> StreamingInputCallResponse {
    var total: Int32 = 0
    for try await request in requests {
      try expectCompressed(request.expectCompressed, context)
      total &+= Int32(truncatingIfNeeded: request.payload?.body.count ?? 0)
    }
    return .with { $0.aggregatedPayloadSize = total }
  }

  func fullDuplexCall(
    _ requests: MessageStream<StreamingOutputCallRequest>,
    to responses: MessageWriter<StreamingOutputCallResponse>,
    context: CallContext
  ) async throws {
    var reportsLoad = false
    defer { if reportsLoad { load.release() } }
    for try await request in requests {
      if let wanted = request.orcaOobReport {
        if !reportsLoad { await load.take() }
        reportsLoad = true
        load.set(wanted)
      }
      try await answer(request, to: responses, context)
    }
  }

  func halfDuplexCall(
    _ requests: MessageStream<StreamingOutputCallRequest>,
    to responses: MessageWriter<StreamingOutputCallResponse>,
    context: CallContext
  ) async throws {
    var all: [StreamingOutputCallRequest] = []
    for try await request in requests { all.append(request) }
    for request in all { try await answer(request, to: responses, context) }
  }

  func unimplementedCall(_ request: Empty, context: CallContext) async throws -> Empty {
    throw RPCError(.unimplemented, "UnimplementedCall is not implemented, on purpose")
  }

  /// Sends the responses that `request` asks for, each after its pause.
  private func answer(
    _ request: StreamingOutputCallRequest,
    to responses: MessageWriter<StreamingOutputCallResponse>,
    _ context: CallContext
  ) async throws {
    try throwStatus(request.responseStatus)
    for wanted in request.responseParameters {
      if wanted.intervalUs > 0 { try await Task.sleep(for: .microseconds(wanted.intervalUs)) }
      context.compressesResponses = wanted.compressed?.value
      let payload = try payload(wanted.size)
      try await responses.write(.with { $0.payload = payload })
    }
  }

  /// Refuses a message that came compressed where the caller says it must not, or the reverse.
  private func expectCompressed(_ expected: BoolValue?, _ context: CallContext) throws {
    guard let expected, expected.value != context.requestWasCompressed else { return }
    throw RPCError(
      .invalidArgument,
      "expect_compressed is \(expected.value), and the message came "
        + (context.requestWasCompressed ? "compressed" : "uncompressed"))
  }

  /// Ends the call with the status that the caller asks for.
  private func throwStatus(_ status: EchoStatus?) throws {
    guard let status, status.code != 0 else { return }
    throw RPCError(StatusCode(rawValue: Int(status.code)) ?? .unknown, status.message)
  }

  private func payload(_ size: Int32) throws -> Payload {
    guard (0...Self.maxPayloadBytes).contains(size) else {
      throw RPCError(
        .invalidArgument, "a payload of \(size) bytes: 0 to \(Self.maxPayloadBytes) can be had")
    }
    return .with { $0.body = [UInt8](repeating: 0, count: Int(size)) }
  }
}
