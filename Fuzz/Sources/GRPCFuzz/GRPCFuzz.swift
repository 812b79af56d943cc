// SPDX-License-Identifier: Apache-2.0

import Amaru
import AmaruCore
import AmaruHTTP
import AmaruProtocols

/// Gives arbitrary bytes to a gRPC call: the first line is header fields (`name: value`, separated by
/// commas), the rest the body, cut into pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  let line = input.prefix { $0 != 0x0a }
  var body = UnsafeRawBufferPointer(rebasing: input.dropFirst(line.count + 1))
  var fields = HTTPFields()
  fields.add(":method", "POST")
  fields.add("content-type", "application/grpc")
  for field in line.split(separator: 0x2c) {
    let name = field.prefix { $0 != 0x3a }
    fields.add(
      UnsafeRawBufferPointer(rebasing: name),
      UnsafeRawBufferPointer(rebasing: field.dropFirst(name.count + 1)))
  }
  fields.add(":path", body.count % 2 == 0 ? "/fuzz.Fuzz/Chat" : "/fuzz.Fuzz/Get")
  let bench = Bench.shared
  let stream = Sink()
  guard
    let handler = GRPCServerCall.begin(
      HTTPHead(fields), on: stream, environment: bench.environment,
      connection: Bench.Connection())
  else { return 0 }
  bench.turn()
  let step = max(1, Int(body.first ?? 1))
  repeat {
    let piece = UnsafeRawBufferPointer(rebasing: body.prefix(step))
    body = UnsafeRawBufferPointer(rebasing: body.dropFirst(step))
    handler.receive(piece, end: body.isEmpty && count % 3 != 0)
    bench.turn()
  } while !body.isEmpty
  handler.closed(stream.isEnded ? nil : .reset)
  bench.turn()
  precondition(bench.environment.dispatcher.activeCount == 0, "a handler was left behind")
  return 0
}

/// What is sent, dropped.
private final class Sink: HTTPServerStream {
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
private final class Bench: DeadlineScheduler {
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
      ]
    }
  }

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
