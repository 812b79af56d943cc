// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The tests of metadata and of calls that fail.
struct StatusTests {
  private let channel: ClientChannel
  private let client: TestServiceClient

  init(_ channel: ClientChannel) {
    self.channel = channel
    client = TestServiceClient(channel)
  }

  func customMetadata() async throws {
    var options = CallOptions()
    try options.metadata.add("x-grpc-test-echo-initial", "test_initial_metadata_value")
    try options.metadata.add("x-grpc-test-echo-trailing-bin", [0xab, 0xab, 0xab])
    options.response = ResponseInfo()
    _ = try await client.unaryCall(
      .with {
        $0.responseSize = 1
        $0.payload = TestCase.payload(1)
      }, options: options)
    try check(options.response)

    options.response = ResponseInfo()
    let stream = try await client.fullDuplexCall(options: options)
    try await stream.write(
      .with {
        $0.responseParameters = [.with { $0.size = 314_159 }]
        $0.payload = TestCase.payload(271_828)
      })
    try await stream.finish()
    for try await _ in stream.responses {}
    try check(options.response)
  }

  private func check(_ response: ResponseInfo?) throws {
    try expect(
      "the initial metadata", response?.metadata.text("x-grpc-test-echo-initial"),
      is: "test_initial_metadata_value")
    try expect(
      "the trailing metadata", response?.trailers.binary("x-grpc-test-echo-trailing-bin"),
      is: [0xab, 0xab, 0xab])
  }

  func codeAndMessage() async throws { try await status("test status message") }

  func specialMessage() async throws {
    try await status("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
  }

  private func status(_ message: String) async throws {
    let status = EchoStatus.with {
      $0.code = 2
      $0.message = message
    }
    let unary = try await TestCase.failure {
      _ = try await client.unaryCall(.with { $0.responseStatus = status })
    }
    try expect("the error", unary, is: RPCError(.unknown, message))
    let streamed = try await TestCase.failure {
      let stream = try await client.fullDuplexCall()
      try await stream.write(.with { $0.responseStatus = status })
      try await stream.finish()
      for try await _ in stream.responses {}
    }
    try expect("the error of the stream", streamed, is: RPCError(.unknown, message))
  }

  func unimplementedMethod() async throws {
    let error = try await TestCase.failure { _ = try await client.unimplementedCall(Empty()) }
    try expect("the code", error.code, is: .unimplemented)
  }

  func unimplementedService() async throws {
    let client = UnimplementedServiceClient(channel)
    let error = try await TestCase.failure { _ = try await client.unimplementedCall(Empty()) }
    try expect("the code", error.code, is: .unimplemented)
  }
}
