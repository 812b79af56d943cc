// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The benchmarks' service.
struct EchoService: Echo {
  func get(_ request: Msg, context: CallContext) async throws -> Msg { request }

  func expand(
    _ request: Msg, to responses: MessageWriter<Msg>, context: CallContext
  ) async throws {
    let parts = request.text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    if parts.count == 3, parts[0] == "repeat", let count = Int(parts[1]) {
      let message = Msg.with { $0.text = String(parts[2]) }
      for _ in 0..<max(0, count) { try await responses.write(message) }
    } else {
      for word in request.text.split(separator: " ") {
        try await responses.write(.with { $0.text = String(word) })
      }
    }
  }

  func collect(_ requests: MessageStream<Msg>, context: CallContext) async throws -> Msg {
    var text = ""
    for try await request in requests {
      if !text.isEmpty { text += " " }
      text += request.text
    }
    return .with { $0.text = text }
  }

  func update(
    _ requests: MessageStream<Msg>, to responses: MessageWriter<Msg>, context: CallContext
  ) async throws {
    for try await request in requests { try await responses.write(request) }
  }
}
