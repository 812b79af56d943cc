// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The tests of calls with many messages.
struct StreamTests {
  private let client: TestServiceClient

  init(_ channel: ClientChannel) { client = TestServiceClient(channel) }

  private static let requestSizes = [27182, 8, 1828, 45904]
  private static let responseSizes: [Int32] = [31415, 9, 2653, 58979]

  func clientStreaming() async throws {
    let stream = try await client.streamingInputCall()
    for size in Self.requestSizes {
      try await stream.write(.with { $0.payload = TestCase.payload(size) })
    }
    try expect("the sum", try await stream.finish().aggregatedPayloadSize, is: 74922)
  }

  func clientCompressed() async throws {
    func request(_ size: Int, compressed: Bool) -> StreamingInputCallRequest {
      .with {
        $0.payload = TestCase.payload(size)
        $0.expectCompressed = .with { $0.value = compressed }
      }
    }
    let probe = try await TestCase.failure {
      let stream = try await client.streamingInputCall()
      try await stream.write(request(27182, compressed: true))
      _ = try await stream.finish()
    }
    try expect("the code of the probe", probe.code, is: .invalidArgument)
    var options = CallOptions()
    options.compression = .gzip
    let stream = try await client.streamingInputCall(options: options)
    try await stream.write(request(27182, compressed: true))
    try await stream.write(request(45904, compressed: false), compressed: false)
    try expect("the sum", try await stream.finish().aggregatedPayloadSize, is: 73086)
  }

  func serverStreaming() async throws {
    let request = StreamingOutputCallRequest.with {
      $0.responseParameters = Self.responseSizes.map { size in .with { $0.size = size } }
    }
    var sizes: [Int32] = []
    for try await response in try await client.streamingOutputCall(request) {
      sizes.append(Int32(response.payload?.body.count ?? -1))
    }
    try expect("the sizes", sizes, is: Self.responseSizes)
  }

  func serverCompressed() async throws {
    let request = StreamingOutputCallRequest.with {
      $0.responseParameters = [(31415, true), (92653, false)].map { size, compressed in
        .with {
          $0.size = Int32(size)
          $0.compressed = .with { $0.value = compressed }
        }
      }
    }
    let stream = try await client.streamingOutputCall(request)
    var responses = stream.makeAsyncIterator()
    for (size, compressed) in [(31415, true), (92653, false)] {
      let response = try await responses.next()
      try expect("the size", response?.payload?.body.count, is: size)
      try expect(
        "that the response is compressed", try await stream.lastMessageWasCompressed,
        is: compressed)
    }
    try expect("what follows", try await responses.next(), is: nil)
  }

  func pingPong() async throws {
    let stream = try await client.fullDuplexCall()
    var responses = stream.responses.makeAsyncIterator()
    for (request, size) in zip(Self.requestSizes, Self.responseSizes) {
      try await stream.write(Self.request(request, size))
      try expect(
        "the size", try await responses.next()?.payload?.body.count, is: Int(size))
    }
    try await stream.finish()
    try expect("what follows", try await responses.next(), is: nil)
  }

  func empty() async throws {
    let stream = try await client.fullDuplexCall()
    try await stream.finish()
    for try await _ in stream.responses { throw TestFailure("a response came") }
  }

  func cancelAfterBegin() async throws {
    let stream = try await client.streamingInputCall()
    let finishing = Task { _ = try await stream.finish() }
    finishing.cancel()
    let error = try await TestCase.failure { try await finishing.value }
    try expect("the code", error.code, is: .cancelled)
  }

  func cancelAfterFirstResponse() async throws {
    let stream = try await client.fullDuplexCall()
    try await stream.write(Self.request(27182, 31415))
    var responses = stream.responses.makeAsyncIterator()
    try expect("the size", try await responses.next()?.payload?.body.count, is: 31415)
    await stream.cancel()
    let error = try await TestCase.failure { _ = try await responses.next() }
    try expect("the code", error.code, is: .cancelled)
  }

  func timeoutOnSleepingServer() async throws {
    let error = try await TestCase.failure {
      let stream = try await client.fullDuplexCall(options: .timeout(.milliseconds(1)))
      try await stream.write(Self.request(27182, 31415))
      for try await _ in stream.responses {}
    }
    try expect("the code", error.code, is: .deadlineExceeded)
  }

  private static func request(_ size: Int, _ responseSize: Int32) -> StreamingOutputCallRequest {
    .with {
      $0.responseParameters = [.with { $0.size = responseSize }]
      $0.payload = TestCase.payload(size)
    }
  }
}
