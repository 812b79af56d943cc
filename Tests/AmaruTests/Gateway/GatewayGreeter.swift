// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenPlain

/// A service of all four kinds for tests of the gateway. Its type's name is a part of the paths.
struct GreeterService: Greeter {
  func sayHello(_ request: HelloRequest, context: CallContext) async throws -> HelloReply {
    switch request.name {
    case "error": throw RPCError(.invalidArgument, "Invalid request")
    case "details":
      throw RPCError(
        .notFound, "nobody",
        attaching: Google_Rpc_ErrorInfo.with { $0.reason = "GONE" })
    case "slow": try await Task.sleep(for: .seconds(600))
    case "metadata":
      try context.trailers.add("took", "1")
      let user = context.metadata["user"].map { "\($0)" }.joined()
      return .with { $0.text = user }
    default: break
    }
    if let code = StatusCode.allCases.first(where: { $0.name == request.name }) {
      throw RPCError(code, "as asked")
    }
    return .with { $0.text = "Hello, \(request.name)!" }
  }

  func record(
    _ requests: MessageStream<HelloRequest>, context: CallContext
  ) async throws -> HelloReply {
    var names: [String] = []
    for try await request in requests { names.append(request.name) }
    return .with { [names] in $0.text = names.joined(separator: " and ") }
  }

  func list(
    _ request: HelloRequest, to responses: MessageWriter<HelloReply>, context: CallContext
  ) async throws {
    if request.name == "error" { throw RPCError(.permissionDenied, "not you") }
    for word in request.name.split(separator: " ") {
      if word == "error" { throw RPCError(.aborted, "in the middle") }
      if word == "slow" { try await Task.sleep(for: .seconds(600)) }
      try await responses.write(.with { $0.text = "Hello, \(word)!" })
    }
  }

  func chat(
    _ requests: MessageStream<HelloRequest>, to responses: MessageWriter<HelloReply>,
    context: CallContext
  ) async throws {
    for try await request in requests {
      try await responses.write(.with { $0.text = "Hello, \(request.name)!" })
    }
  }
}
