// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Asks one server over one connection how a service is, as long as the connection lasts. Confined to its loop.
/// Source: gRPC's proposal A17.
final class HealthWatch: @unchecked Sendable {
  /// What is known of the service.
  enum State {
    /// The server has not answered yet.
    case unknown
    case serving
    case notServing
  }

  let connection: any BackendConnection
  private(set) var state = State.unknown
  private let changed: () -> Void
  private var task: Task<Void, Never>?

  /// - Parameter changed: Called after each change of the state.
  init(
    _ service: String, on connection: any BackendConnection, loop: EventLoop, backoff: Backoff,
    changed: @escaping () -> Void
  ) {
    self.connection = connection
    self.changed = changed
    let channel = Watching(connection: connection, executor: loop)
    task = Task(executorPreference: loop) { [weak self] in
      var failures = 0
      while !Task.isCancelled, channel.connection.isOpen {
        do {
          let statuses = try await HealthClient(channel).watch(.with { $0.service = service })
          for try await response in statuses {
            failures = 0
            self?.tell(response.status == .serving ? .serving : .notServing)
          }
        } catch let error as RPCError where error.code == .unimplemented {
          // A server that does not know the question is taken to be well.
          self?.tell(.serving)
          return
        } catch {}
        if Task.isCancelled { return }
        self?.tell(.notServing)
        failures += 1
        try? await Task.sleep(for: backoff.delay(after: failures))
      }
    }
  }

  /// Asks no more; the call that was open for it is given up.
  func stop() {
    task?.cancel()
    task = nil
  }

  private func tell(_ state: State) {
    guard task != nil, state != self.state else { return }
    self.state = state
    changed()
  }

  /// Calls over the one connection, which do not count as load.
  private struct Watching: Channel, @unchecked Sendable {
    let connection: any BackendConnection
    let executor: any LoopExecutor

    func startCall(
      _ method: MethodDescriptor, _ options: CallOptions
    ) async throws -> ClientCall {
      guard let call = try connection.startCall(method, options, isLoad: false) else {
        throw RPCError(.unavailable, "the connection takes no further calls")
      }
      return call
    }

    func retryDelay(_ call: ClientCall, attempt: Int, error: RPCError) -> Duration? { nil }
  }
}
