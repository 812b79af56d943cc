// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service that `greetings.proto` declares.
package struct GreetingsService: Greetings {
  /// The most names that one `GreetTogether` greets.
  static let maxNames = 100

  package init() {}

  package func greet(_ request: GreetRequest, context: CallContext) async throws -> Greeting {
    try request.check()
    return .with { $0.message = request.language.greeting(for: request.name) }
  }

  package func greetAgain(
    _ request: GreetAgainRequest, to responses: MessageWriter<Greeting>, context: CallContext
  ) async throws {
    let interval = try request.check()
    let message = request.language.greeting(for: request.name)
    for number in 1...request.times {
      // Ends with an error when the call is cancelled or its deadline is over.
      if number > 1, interval > .zero { try await Task.sleep(for: interval) }
      try await responses.write(
        .with {
          $0.message = message
          $0.number = number
        })
    }
  }

  package func greetTogether(
    _ requests: MessageStream<GreetRequest>, context: CallContext
  ) async throws -> Greeting {
    var names: [String] = []
    var language = Language.unspecified
    for try await request in requests {
      try request.check()
      guard names.count < Self.maxNames else {
        throw RPCError(.resourceExhausted, "one call greets \(Self.maxNames) at most")
      }
      names.append(request.name)
      language = request.language
    }
    guard !names.isEmpty else {
      throw RPCError(.invalidArgument, "there was no request: send one for each to be greeted")
    }
    let everybody = names.joined(separator: ", ")
    return .with { $0.message = language.greeting(for: everybody) }
  }

  package func chat(
    _ requests: MessageStream<GreetRequest>, to responses: MessageWriter<Greeting>,
    context: CallContext
  ) async throws {
    var number: Int32 = 0
    for try await request in requests {
      try request.check()
      number += 1
      try await responses.write(
        .with {
          $0.message = request.language.greeting(for: request.name)
          $0.number = number
        })
    }
  }
}
