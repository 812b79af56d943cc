// SPDX-License-Identifier: Apache-2.0

import Amaru
import AmaruCore
import AmaruHTTP
import AmaruProtocols

/// What is sent, dropped.
final class Sink: HTTPServerStream {
  var isEnded = false
  func sendHead(_ fields: HTTPFields, end: Bool) { isEnded = isEnded || end }
  func sendHead(_ fields: PreparedFields) {}
  func sendBody(_ bytes: UnsafeRawBufferPointer) {}
  func discardBody() {}
  func sendTrailers(_ fields: HTTPFields) { isEnded = true }
  func sendTrailers(_ fields: PreparedFields) { isEnded = true }
  func reset(_ reason: HTTPStreamReset) { isEnded = true }
  var unsentBytes: Int { 0 }
  func kept(_ count: Int) {}
  func released(_ count: Int) {}
  func credit(_ count: Int) {}
}

/// A loop that the fuzzer turns, and a service that reads all and gives it back.
final class Bench: DeadlineScheduler {
  nonisolated(unsafe) static let shared = Bench()

  final class Connection: CallConnection, Sendable { var peer: String { "unix:" } }

  final class Loop: LoopExecutor, @unchecked Sendable {
    var jobs: [UnownedJob] = []
    var isCurrent: Bool { true }
    func enqueue(_ job: consuming ExecutorJob) { jobs.append(UnownedJob(job)) }
    func runReadyJobs() {
      while !jobs.isEmpty {
        jobs.removeFirst().runSynchronously(on: UnownedTaskExecutor(ordinary: self))
      }
    }
  }

  struct Service: AmaruCore.Service {
    var handlers: [Handler] {
      [
        Handler(MethodDescriptor("fuzz.Fuzz/Chat", .bidirectional, in: googleProtobufAnyProto)) {
          context in
          _ = context.metadata
          for try await message in MessageStream<Google_Protobuf_Any>(context.call) {
            try await MessageWriter(context.call).write(message)
          }
        },
        .unary(
          Method<Google_Protobuf_Any, Google_Protobuf_Any>(
            "fuzz.Fuzz/Get", .unary, in: googleProtobufAnyProto)
        ) { request, context in
          context.compressesResponses = true
          return request
        },
        .unary(
          Method<Google_Protobuf_StringValue, Google_Protobuf_StringValue>(
            "test.v1.Quiet/Read", .unary, in: Bench.quiet)
        ) { request, _ in request },
      ]
    }
  }

  /// `service Quiet { rpc Read(StringValue) returns (StringValue) { option idempotency_level = NO_SIDE_EFFECTS; } }`
  private static let quiet = ProtoFile(
    name: "quiet.proto", imports: [googleProtobufWrappersProto],
    base64: """
      CgtxdWlldC5wcm90bxIHdGVzdC52MRoeZ29vZ2xlL3Byb3RvYnVmL3dyYXBwZXJzLnByb3RvMlAKBVF1aWV0EkcKBFJl\
      YWQSHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUaHC5nb29nbGUucHJvdG9idWYuU3RyaW5nVmFsdWUiA5ACAWIG\
      cHJvdG8z
      """)

  let loop = Loop()
  private(set) var environment: CallEnvironment! = nil
  var now: UInt64 { 1 }

  init() {
    guard let router = try? Router([Service()]) else { return }
    var limits = Limits()
    limits.maxReceivedMessageBytes = 4096
    environment = CallEnvironment(
      router: router, dispatcher: CallDispatcher(executor: loop, logger: .none), limits: limits,
      responseCoding: .gzip, executor: loop, deadlines: self)
  }

  func turn() {
    environment.dispatcher.drain()
    loop.runReadyJobs()
  }

  func schedule(_ call: any DeadlineTarget, at nanoseconds: UInt64) -> AnyObject { self }
  func cancel(_ deadline: AnyObject) {}
}
