// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service behind the doors.
struct DoorService: Doors {
  private let notes = Notes()

  func echo(_ request: Letter, context: CallContext) async throws -> Letter {
    answer(request, context)
  }

  func join(_ requests: MessageStream<Letter>, context: CallContext) async throws -> Letter {
    var whole = Letter()
    for try await request in requests {
      whole.text += request.text
      whole.count += 1
    }
    return whole
  }

  func `repeat`(
    _ request: Letter, to responses: MessageWriter<Letter>, context: CallContext
  ) async throws {
    try await write(request, to: responses, context)
  }

  func talk(
    _ requests: MessageStream<Letter>, to responses: MessageWriter<Letter>, context: CallContext
  ) async throws {
    for try await request in requests { try await responses.write(answer(request, context)) }
  }

  func fail(_ request: Letter, context: CallContext) async throws -> Letter {
    throw failure(request)
  }

  func failLater(
    _ request: Letter, to responses: MessageWriter<Letter>, context: CallContext
  ) async throws {
    try await write(request, to: responses, context)
    throw failure(request)
  }

  func hold(_ request: Letter, context: CallContext) async throws -> Letter {
    try await rest(request)
    return request
  }

  func holdStream(
    _ request: Letter, to responses: MessageWriter<Letter>, context: CallContext
  ) async throws {
    try await responses.write(request)
    try await rest(request)
  }

  func noted(_ request: Letter, context: CallContext) async throws -> Letter {
    await notes.wait(for: request.text)
    return request
  }

  func secret(_ request: Letter, context: CallContext) async throws -> Letter {
    .with { $0.text = context.token?.subject ?? "" }
  }

  private func answer(_ request: Letter, _ context: CallContext) -> Letter {
    if request.compresses { context.compressesResponses = true }
    var answer = request
    answer.seen = .with { seen in
      seen.wasCompressed = context.requestWasCompressed
      if let left = context.deadline?.timeRemaining {
        seen.remainingMs =
          left.components.seconds * 1000
          + left.components.attoseconds / 1_000_000_000_000_000
      }
    }
    return answer
  }

  private func write(
    _ request: Letter, to responses: MessageWriter<Letter>, _ context: CallContext
  ) async throws {
    if request.compresses { context.compressesResponses = true }
    for number in 0..<max(request.count, 0) {
      try await responses.write(
        .with {
          $0.text = request.text
          $0.count = number
        })
    }
  }

  private func rest(_ request: Letter) async throws {
    notes.add("began \(request.text)")
    do {
      while true { try await Task.sleep(for: .seconds(3600)) }
    } catch {
      notes.add("cancelled \(request.text)")
      throw error
    }
  }

  private func failure(_ request: Letter) -> RPCError {
    let failure = request.failure ?? Failure()
    let code = StatusCode(rawValue: Int(failure.code)) ?? .unknown
    guard !failure.fields.isEmpty else { return RPCError(code, failure.message) }
    return RPCError(
      code, failure.message,
      attaching: Google_Rpc_BadRequest.with { detail in
        detail.fieldViolations = failure.fields.map { field in
          .with {
            $0.field = field
            $0.description = field
          }
        }
      })
  }
}
