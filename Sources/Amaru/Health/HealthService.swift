// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Synchronization

/// The health service `grpc.health.v1.Health`: load balancers ask it whether a service takes calls.
///
/// Any thread may set a status; every watcher hears of each change it has not yet been told, the newest only.
/// Source: `doc/health-checking.md` of gRPC.
public final class HealthService: Health {
  private let state = Mutex(State())

  private struct State {
    var statuses: [String: HealthCheckResponse.ServingStatus] = ["": .serving]
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWatcher = 0
    var isShutDown = false
    var isWatchingOver = false
  }

  /// A health service that knows the server as a whole (the empty name), which is serving.
  public init() {}

  /// Sets the status of the service with the full name `service`; empty for the server as a whole. After
  /// the server has begun to shut down, nothing changes any more.
  public func setStatus(
    _ status: HealthCheckResponse.ServingStatus, for service: String
  ) {
    let watchers = state.withLock { state in
      if !state.isShutDown { state.statuses[service] = status }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  /// The status of `service`; nil when it is not known.
  public func status(of service: String) -> HealthCheckResponse.ServingStatus? {
    state.withLock { $0.statuses[service] }
  }

  /// Everything is `NOT_SERVING` from now on; watchers are told so.
  func beginShutDown() {
    let watchers = state.withLock { state in
      state.isShutDown = true
      for service in state.statuses.keys { state.statuses[service] = .notServing }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  /// Ends the watchers' calls. After ``beginShutDown()``.
  func endWatching() {
    let watchers = state.withLock { state in
      state.isWatchingOver = true
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.finish() }
  }

  public func check(
    _ request: HealthCheckRequest, context: CallContext
  ) async throws -> HealthCheckResponse {
    guard let status = status(of: request.service) else {
      throw RPCError(.notFound, "the server has no service '\(request.service)'")
    }
    return .with { $0.status = status }
  }

  public func watch(
    _ request: HealthCheckRequest, to responses: MessageWriter<HealthCheckResponse>,
    context: CallContext
  ) async throws {
    let (changes, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      defer { state.nextWatcher += 1 }
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    defer { state.withLock { $0.watchers[id] = nil } }
    var last: HealthCheckResponse.ServingStatus?
    func tell() async throws {
      let status = status(of: request.service) ?? .serviceUnknown
      guard status != last else { return }
      last = status
      try await responses.write(.with { $0.status = status })
    }
    try await tell()
    if state.withLock({ $0.isWatchingOver }) { continuation.finish() }
    for await _ in changes { try await tell() }
    try await tell()
    try Task.checkCancellation()
    throw RPCError(.unavailable, "the server is shutting down")
  }
}
