// SPDX-License-Identifier: Apache-2.0
import Amaru

struct GreeterService: Greeter {
  func sayHello(_ request: HelloRequest, context: CallContext) async throws -> HelloReply {
    guard !request.name.isEmpty else {
      throw RPCError(.invalidArgument, "name is empty: say whom to greet")
    }
    return .with { $0.text = "Hello, \(request.name)!" }
  }
}

@main
struct Hello {
  static func main() async throws {
    try await Server([GreeterService()]).run { addresses in
      print("listening on \(addresses)")
    }
  }
}
