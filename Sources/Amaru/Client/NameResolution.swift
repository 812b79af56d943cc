// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Asks a channel's resolver for the addresses: not too often, and again after it has failed. Confined to its loop.
final class NameResolution: @unchecked Sendable {
  /// The time after an answer in which a name is not asked for again.
  private static let pause: Duration = .seconds(30)

  private let resolver: any Resolver
  private let backoff: Backoff
  private let loop: EventLoop
  private var failures = 0
  private var isStopped = false
  /// No question begins while it is scheduled.
  private var timer: Timer?
  /// Whether the resolver has been asked and has not answered.
  private(set) var isRunning = false
  /// Why the last question has failed; nil after an answer.
  private(set) var failure: String?
  /// Called with each answer, which has one address at least, and with nil after a failure.
  var changed: ([ResolvedAddress]?) -> Void = { _ in }

  init(_ resolver: any Resolver, _ backoff: Backoff, on loop: EventLoop) {
    self.resolver = resolver
    self.backoff = backoff
    self.loop = loop
  }

  /// Asks, unless that is being done or it is too early.
  func start() {
    guard !isRunning, timer == nil, !isStopped else { return }
    isRunning = true
    let resolver = resolver
    // The task prefers the loop, and is back there when the resolver has answered.
    Task(executorPreference: loop) { [weak self] in
      let result: Result<[ResolvedAddress], any Error>
      do {
        var found: [ResolvedAddress] = []
        for address in try await resolver.resolve() {
          found += try ResolvedAddress.of(address)
        }
        result = .success(found)
      } catch {
        result = .failure(error)
      }
      self?.ended(result)
    }
  }

  /// Asks again where the answer may be another one.
  func startAgain() { if resolver.isDynamic { start() } }

  /// Asks no more, and tells nothing more.
  func stop() {
    isStopped = true
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  private func ended(_ result: Result<[ResolvedAddress], any Error>) {
    isRunning = false
    guard !isStopped else { return }
    switch result {
    case .success(let addresses) where !addresses.isEmpty:
      failure = nil
      failures = 0
      if resolver.isDynamic { wait(Self.pause) }
      changed(addresses)
    case .success: failed("the name has no addresses")
    case .failure(let error): failed("\(error)")
    }
  }

  private func failed(_ reason: String) {
    failures += 1
    failure = reason
    wait(backoff.delay(after: failures)) { $0.start() }
    changed(nil)
  }

  /// Lets no question begin for a while, and does `next` after it.
  private func wait(
    _ duration: Duration, then next: @escaping (NameResolution) -> Void = { _ in }
  ) {
    let timer = Timer { [unowned self] in
      self.timer = nil
      next(self)
    }
    self.timer = timer
    loop.schedule(timer, at: loop.now &+ duration.clampedNanoseconds)
  }
}
