// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruIO
import Synchronization

/// Makes the calls that it reads from standard input, all beside each other, and writes what became of each.
final class DoorCaller: Sendable {
  private let channel: ClientChannel
  private let running = Mutex<[Int64: Task<Void, Never>]>([:])

  init(_ channel: ClientChannel) { self.channel = channel }

  /// Returns at the end of the input.
  func run() async throws {
    let plans = AsyncStream.makeStream(of: Plan.self)
    try SystemThread {
      while let bytes = StandardIO.read(), let plan = try? Plan(decoding: bytes) {
        plans.continuation.yield(plan)
      }
      plans.continuation.finish()
    }.detach()
    for await plan in plans.stream {
      if plan.method.isEmpty {
        running.withLock { $0[plan.id] }?.cancel()
      } else {
        running.withLock { running in
          running[plan.id] = Task {
            let outcome = await call(plan)
            self.running.withLock { $0[plan.id] = nil }
            StandardIO.write(outcome)
          }
        }
      }
    }
    await channel.close()
  }

  private func call(_ plan: Plan) async -> Outcome {
    var outcome = Outcome()
    outcome.id = plan.id
    let response = ResponseInfo()
    do {
      var options = try options(plan)
      options.response = response
      try await call(plan, options, &outcome)
    } catch let error as RPCError {
      outcome.code = Int32(error.code.rawValue)
      outcome.message = error.message
      var status = Google_Rpc_Status()
      status.details = error.details
      outcome.status = status.encoded()
    } catch {
      outcome.code = Int32((error is CancellationError ? StatusCode.cancelled : .unknown).rawValue)
      outcome.message = "\(error)"
    }
    outcome.initial = entries(response.metadata)
    outcome.trailing = entries(response.trailers)
    outcome.wasCompressed = response.lastMessageWasCompressed
    return outcome
  }

  private func options(_ plan: Plan) throws -> CallOptions {
    var options = CallOptions()
    if plan.timeoutMs > 0 { options.timeout = .milliseconds(plan.timeoutMs) }
    if plan.compresses { options.compression = .gzip }
    for entry in plan.metadata {
      switch entry.value {
      case .text(let text): try options.metadata.add(entry.name, text)
      case .data(let bytes): try options.metadata.add(entry.name, bytes)
      case nil: break
      }
    }
    return options
  }

  private func call(
    _ plan: Plan, _ options: CallOptions, _ outcome: inout Outcome
  ) async throws {
    let first = plan.letters.first ?? Letter()
    switch plan.method {
    case "Join":
      let requests = try await channel.clientStreaming(DoorsMethods.join, options)
      for letter in plan.letters { try await requests.write(letter) }
      outcome.letters.append(try await requests.finish())
    case "Talk":
      let talk = try await channel.bidirectional(DoorsMethods.talk, options)
      var responses = talk.responses.makeAsyncIterator()
      for letter in plan.letters {
        try await talk.write(letter)
        if plan.isInTurn, let next = try await responses.next() { outcome.letters.append(next) }
      }
      try await talk.finish()
      while let next = try await responses.next() { outcome.letters.append(next) }
    case "Repeat", "FailLater", "HoldStream":
      let method = Method<Letter, Letter>(
        "doors.v1.Doors/\(plan.method)", .serverStreaming, in: doorsProto)
      for try await letter in try await channel.serverStreaming(method, first, options) {
        outcome.letters.append(letter)
      }
    default:
      let method = Method<Letter, Letter>("doors.v1.Doors/\(plan.method)", .unary, in: doorsProto)
      outcome.letters.append(try await channel.unary(method, first, options))
    }
  }

  private func entries(_ metadata: Metadata) -> [Entry] {
    metadata.entries.map { entry in
      .with {
        $0.name = entry.name
        switch entry.value {
        case .text(let text): $0.value = .text(text)
        case .binary(let bytes): $0.value = .data(bytes)
        }
      }
    }
  }
}
