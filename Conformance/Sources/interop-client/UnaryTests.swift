// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The tests of calls with one request and one response.
struct UnaryTests {
  private let client: TestServiceClient

  init(_ channel: ClientChannel) { client = TestServiceClient(channel) }

  private static let large = SimpleRequest.with {
    $0.responseSize = 314_159
    $0.payload = TestCase.payload(271_828)
  }

  func empty() async throws {
    try expect("the response", try await client.emptyCall(Empty()), is: Empty())
  }

  func cacheable() async throws {
    var options = CallOptions()
    try options.metadata.add("x-user-ip", "1.2.3.4")
    let request = SimpleRequest.with { $0.payload = .with { $0.body = Array("42".utf8) } }
    let first = try await client.cacheableUnaryCall(request, options: options)
    let second = try await client.cacheableUnaryCall(request, options: options)
    try expect("the second response", second, is: first)
  }

  func large() async throws {
    let response = try await client.unaryCall(Self.large)
    try expect("the payload", response.payload, is: TestCase.payload(314_159))
  }

  /// Makes the large call; gives the server that answered and the error, if there was one.
  func largeFromWhom() async -> (peer: String, error: (any Error)?) {
    var options = CallOptions()
    options.response = ResponseInfo()
    do {
      let response = try await client.unaryCall(Self.large, options: options)
      try expect("the payload", response.payload, is: TestCase.payload(314_159))
      return (options.response?.peer ?? "", nil)
    } catch {
      return (options.response?.peer ?? "", error)
    }
  }

  func concurrentLarge() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<1000 { group.addTask { try await large() } }
      try await group.waitForAll()
    }
  }

  func clientCompressed() async throws {
    var request = Self.large
    request.expectCompressed = .with { $0.value = true }
    // A server that does not look at the flag cannot tell.
    let probe = try await TestCase.failure { [request] in _ = try await client.unaryCall(request) }
    try expect("the code of the probe", probe.code, is: .invalidArgument)
    var options = CallOptions()
    options.compression = .gzip
    let compressed = try await client.unaryCall(request, options: options)
    try expect("the payload", compressed.payload?.body.count, is: 314_159)
    request.expectCompressed = .with { $0.value = false }
    let plain = try await client.unaryCall(request)
    try expect("the payload", plain.payload?.body.count, is: 314_159)
  }

  func serverCompressed() async throws {
    for compressed in [true, false] {
      var request = Self.large
      request.responseCompressed = .with { $0.value = compressed }
      var options = CallOptions()
      options.response = ResponseInfo()
      let response = try await client.unaryCall(request, options: options)
      try expect("the payload", response.payload?.body.count, is: 314_159)
      try expect(
        "that the response is compressed", options.response?.lastMessageWasCompressed,
        is: compressed)
    }
  }
}
