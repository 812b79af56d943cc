// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

/// Which servers a channel has, which one a call goes to, and when connections are made.
extension ChannelCore {
  // MARK: Balancing

  /// The server of the next call; nil when none is ready. One of `tried` is chosen only when there is no other.
  /// - Throws: `UNAVAILABLE` when the circuit breakers of all that are ready refuse the call.
  func pick(avoiding tried: [String]) throws(RPCError) -> Backend? {
    // A policy that needs one connection has no choice: the first that is ready is the only one.
    guard options.loadBalancer.connectsToAll else {
      guard let only = backends.first(where: { $0.isReady }) else { return nil }
      if let reason = only.circuitRefusal() { throw Self.refusal(only, reason) }
      return only
    }
    var ready = backends.filter { $0.isReady }
    if options.circuitBreaker != nil, let first = ready.first {
      let reason = first.circuitRefusal()
      ready.removeAll { $0.circuitRefusal() != nil }
      if let reason, ready.isEmpty { throw Self.refusal(first, reason) }
    }
    if !tried.isEmpty, ready.contains(where: { !tried.contains($0.address.description) }) {
      ready.removeAll { tried.contains($0.address.description) }
    }
    guard ready.count > 1 else { return ready.first }
    let index = options.loadBalancer.pick(
      ready.map { ServerLoad(address: $0.address.description, callsInFlight: $0.callCount) })
    return ready.indices.contains(index) ? ready[index] : ready[0]
  }

  private static func refusal(_ backend: Backend, _ reason: String) -> RPCError {
    RPCError(.unavailable, "no call is sent to \(backend.address): \(reason)")
  }

  /// Why calls that do not wait fail now; nil when a connection is there or being made.
  var failure: String? {
    if backends.isEmpty { return resolution.failure }
    guard backends.allSatisfy({ !$0.isReady && ($0.isBackingOff || $0.isUnhealthy) }) else {
      return nil
    }
    if let reason = backends.compactMap(\.failure).first { return reason }
    guard let unhealthy = backends.first(where: { $0.isUnhealthy }) else {
      return "no server can be reached"
    }
    let service = healthService ?? ""
    return "\(unhealthy.address) says that "
      + (service.isEmpty ? "it is not serving" : "\(service) is not serving")
  }

  var state: ConnectivityState {
    if isShutDown { return .shutdown }
    if backends.contains(where: { $0.isReady }) { return .ready }
    if failure != nil { return .transientFailure }
    return resolution.isRunning || backends.contains { $0.isConnecting } ? .connecting : .idle
  }

  func waitForChange(_ deadline: Deadline?) async throws {
    let waiter = CallWaiter(deadlines)
    waiting.append(waiter)
    try await waiter.wait(until: deadline) {
      self.failure ?? self.backends.compactMap(\.failure).first ?? "no connection yet"
    }
  }

  func wakeWaiting() {
    let woken = waiting
    waiting = []
    for waiter in woken { waiter.wake() }
  }

  /// A call has ended: another may have room.
  func callEnded() {
    if !waiting.isEmpty { wakeWaiting() }
    if isShutDown { finishDraining() }
  }

  // MARK: Connecting

  /// Leaves idleness.
  func connect() {
    guard !isShutDown else { return }
    guard !backends.isEmpty else { return resolution.start() }
    if options.loadBalancer.connectsToAll {
      for backend in backends where !backend.isConnected { backend.connect() }
    } else if !backends.contains(where: { $0.isReady || $0.isConnecting }) {
      tryNext()
    }
  }

  /// Of a policy that needs one connection: tries the next address, and the one after it when that takes long.
  private func tryNext() {
    cancel(&attemptTimer)
    guard !isShutDown, !backends.contains(where: { $0.isReady }),
      let next = backends.first(where: { !$0.isConnecting && !$0.isBackingOff })
    else { return }
    next.connect()
    guard backends.contains(where: { !$0.isConnecting && !$0.isBackingOff }) else { return }
    let timer = Timer { [unowned self] in tryNext() }
    attemptTimer = timer
    loop.schedule(timer, at: loop.now + Self.attemptDelayNanoseconds)
  }

  func backendChanged(_ backend: Backend) {
    publishBackends()
    // One whose address is gone only ends its calls.
    guard backends.contains(where: { $0 === backend }) else { return finishDraining() }
    if options.loadBalancer.connectsToAll {
      if !isShutDown, !backend.isConnected, !backend.isBackingOff { backend.connect() }
    } else if backend.isReady {
      cancel(&attemptTimer)
      for other in backends where other !== backend { other.stopConnecting() }
    } else if backend.isBackingOff {
      tryNext()
    }
    // The addresses may have moved.
    if backend.failure != nil { resolution.startAgain() }
    wakeWaiting()
    finishDraining()
    scheduleIdleCheck()
  }

  func backoffEnded(_ backend: Backend) {
    // Without a call that wants one, a single connection is made only when it is needed.
    if options.loadBalancer.connectsToAll || !waiting.isEmpty { connect() }
  }

  func cancel(_ timer: inout Timer?) {
    if let timer { loop.cancel(timer) }
    timer = nil
  }

  // MARK: Resolving

  /// The name has been resolved, or, with nil, could not be.
  func resolved(_ addresses: [ResolvedAddress]?) {
    if let addresses {
      adopt(addresses)
      connect()
    }
    wakeWaiting()
  }

  /// Keeps the backends of addresses that are still there, ends the others.
  func adopt(_ addresses: [ResolvedAddress]) {
    var known: [ResolvedAddress: Backend] = [:]
    for backend in backends { known[backend.address] = backend }
    var adopted: [Backend] = []
    var seen: Set<ResolvedAddress> = []
    for address in Self.interleaved(addresses) where seen.insert(address).inserted {
      adopted.append(known.removeValue(forKey: address) ?? Backend(address, owner: self))
    }
    backends = adopted
    publishBackends()
    for gone in known.values { gone.shutDown(now: false) }
  }

  /// IPv6 and IPv4 in turn, beginning with the first (RFC 8305 4).
  private static func interleaved(_ addresses: [ResolvedAddress]) -> [ResolvedAddress] {
    guard let first = addresses.first else { return [] }
    let same = addresses.filter { $0.isIPv6 == first.isIPv6 }
    let other = addresses.filter { $0.isIPv6 != first.isIPv6 }
    var mixed: [ResolvedAddress] = []
    for index in 0..<max(same.count, other.count) {
      if index < same.count { mixed.append(same[index]) }
      if index < other.count { mixed.append(other[index]) }
    }
    return mixed
  }
}
