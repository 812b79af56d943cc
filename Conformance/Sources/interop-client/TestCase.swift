// SPDX-License-Identifier: Apache-2.0
import Amaru

/// Source: `interop-test-descriptions.md` of gRPC, which says what each test does.
enum TestCase {
  typealias Test = @Sendable (ClientChannel) async throws -> Void

  static let all: [String: Test] = [
    "empty_unary": { try await UnaryTests($0).empty() },
    "cacheable_unary": { try await UnaryTests($0).cacheable() },
    "large_unary": { try await UnaryTests($0).large() },
    "client_compressed_unary": { try await UnaryTests($0).clientCompressed() },
    "server_compressed_unary": { try await UnaryTests($0).serverCompressed() },
    "concurrent_large_unary": { try await UnaryTests($0).concurrentLarge() },
    "orca_per_rpc": { try await LoadReportTests($0).perCall() },
    "orca_oob": { try await LoadReportTests($0).outOfBand() },
    "client_streaming": { try await StreamTests($0).clientStreaming() },
    "client_compressed_streaming": { try await StreamTests($0).clientCompressed() },
    "server_streaming": { try await StreamTests($0).serverStreaming() },
    "server_compressed_streaming": { try await StreamTests($0).serverCompressed() },
    "ping_pong": { try await StreamTests($0).pingPong() },
    "empty_stream": { try await StreamTests($0).empty() },
    "cancel_after_begin": { try await StreamTests($0).cancelAfterBegin() },
    "cancel_after_first_response": { try await StreamTests($0).cancelAfterFirstResponse() },
    "timeout_on_sleeping_server": { try await StreamTests($0).timeoutOnSleepingServer() },
    "custom_metadata": { try await StatusTests($0).customMetadata() },
    "status_code_and_message": { try await StatusTests($0).codeAndMessage() },
    "special_status_message": { try await StatusTests($0).specialMessage() },
    "unimplemented_method": { try await StatusTests($0).unimplementedMethod() },
    "unimplemented_service": { try await StatusTests($0).unimplementedService() },
  ]

  /// Those of ``Soak``, which makes its channels itself.
  static let soaks = ["channel_soak", "rpc_soak"]

  static let names = (all.keys + soaks).sorted()

  /// The error that `body` must end with.
  static func failure(_ body: () async throws -> Void) async throws -> RPCError {
    do {
      try await body()
    } catch let error as RPCError {
      return error
    }
    throw TestFailure("the call succeeded")
  }

  /// A payload of `size` zeros.
  static func payload(_ size: Int) -> Payload {
    .with { $0.body = [UInt8](repeating: 0, count: size) }
  }
}
