// SPDX-License-Identifier: Apache-2.0
import Amaru
import AmaruTestSupport
import Testing

/// Calls with a stream of requests that are made again.
@Suite struct RequestRetryTests {
  private static func options(bufferBytes: Int = 256 << 10) throws -> ChannelOptions {
    var options = ChannelOptions.test()
    options.retryBufferBytes = bufferBytes
    options.serviceConfig = try ServiceConfig(
      json: """
        {"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 4, "initialBackoff": "0.001s",
          "maxBackoff": "0.001s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}
        """)
    return options
  }

  /// Fails the first `failures` calls when they have got `after` messages.
  private static func failing(_ failures: Int, after: Int, _ count: Shared<Int>) -> TestService {
    TestService(
      .clientStreaming(TestMethods.collect) { requests, _ in
        count.change { $0 += 1 }
        let fails = count.value <= failures
        var all: [String] = []
        for try await request in requests {
          all.append(request.value)
          if fails, all.count == after { throw RPCError(.unavailable, "not yet") }
        }
        return Text(all.joined(separator: ","))
      },
      .bidirectional(TestMethods.chat) { requests, responses, _ in
        count.change { $0 += 1 }
        let fails = count.value <= failures
        var seen = 0
        for try await request in requests {
          seen += 1
          if fails, seen == after { throw RPCError(.unavailable, "not yet") }
          if !fails { try await responses.write(request) }
        }
      })
  }

  @Test func whatWasSentIsSentAgain() async throws {
    let count = Shared(0)
    try await withChannel(Self.failing(3, after: 2, count), options: Self.options()) {
      channel, _ in
      let stream = try await channel.clientStreaming(TestMethods.collect)
      for text in ["a", "b", "c"] { try await stream.write(Text(text)) }
      #expect(try await stream.finish().value == "a,b,c")
      #expect(count.value == 4)
    }
  }

  @Test func theAttemptsAreCounted() async throws {
    let count = Shared(0)
    try await withChannel(Self.failing(4, after: 1, count), options: Self.options()) {
      channel, _ in
      let stream = try await channel.clientStreaming(TestMethods.collect)
      let error = await failure {
        try await stream.write(Text("a"))
        _ = try await stream.finish()
      }
      #expect(error?.message == "not yet")
      #expect(count.value == 4)
    }
  }

  @Test func aReaderAndAWriterGoOnWithTheSameAttempt() async throws {
    let count = Shared(0)
    try await withChannel(Self.failing(2, after: 50, count), options: Self.options()) {
      channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      async let read = {
        var texts: [String] = []
        for try await text in chat.responses { texts.append(text.value) }
        return texts
      }()
      for number in 0..<200 { try await chat.write(Text("\(number)")) }
      try await chat.finish()
      let texts = try await read
      #expect(texts == (0..<200).map { "\($0)" })
      #expect(count.value == 3)
    }
  }

  /// Two messages of one byte, each 3 bytes encoded and 16 of its own, fit into 38 bytes and not into 37.
  @Test(arguments: [(38, true), (37, false)])
  func moreThanTheBufferHoldsIsNotSentAgain(_ bytes: Int, _ isRetried: Bool) async throws {
    let count = Shared(0)
    try await withChannel(
      Self.failing(1, after: 2, count), options: Self.options(bufferBytes: bytes)
    ) { channel, _ in
      let stream = try await channel.clientStreaming(TestMethods.collect)
      let error = await failure {
        for text in ["a", "b"] { try await stream.write(Text(text)) }
        _ = try await stream.finish()
      }
      #expect((error == nil) == isRetried)
      #expect(count.value == (isRetried ? 2 : 1))
    }
  }

  @Test func anAnswerThatHasBegunIsNotTakenBack() async throws {
    let count = Shared(0)
    let service = TestService(
      .bidirectional(TestMethods.chat) { requests, responses, _ in
        count.change { $0 += 1 }
        for try await request in requests {
          try await responses.write(request)
          if request.value == "last" { throw RPCError(.unavailable, "in the midst") }
        }
      })
    try await withChannel(service, options: Self.options()) { channel, _ in
      let chat = try await channel.bidirectional(TestMethods.chat)
      var replies = chat.responses.makeAsyncIterator()
      try await chat.write(Text("first"))
      #expect(try await replies.next()?.value == "first")
      try await chat.write(Text("last"))
      let error = await failure { while try await replies.next() != nil {} }
      #expect(error?.message == "in the midst")
      #expect(count.value == 1)
    }
  }
}
