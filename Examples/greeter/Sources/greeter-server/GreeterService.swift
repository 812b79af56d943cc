// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service that `greeter.proto` declares.
package struct GreeterService: Greeter {
  package init() {}

  package func sayHello(_ request: HelloRequest, context: CallContext) async throws -> HelloReply {
    guard request.name != "error" else { throw RPCError(.invalidArgument, "Invalid request") }
    return .with { $0.message = "Hello, \(request.name)!" }
  }
}
