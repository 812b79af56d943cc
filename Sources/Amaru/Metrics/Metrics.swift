// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import Synchronization

/// Counts what servers and channels do, and what your code counts beside it.
///
/// ```swift
/// let metrics = Metrics()
/// options.metrics = metrics
/// let reserved = try metrics.counter("inventory_items_reserved", help: "Items that were reserved.")
/// reserved.increment()
/// print(metrics.openMetricsText())
/// ```
///
/// One may be given to several servers and channels, whose values are then summed. All members may be used from any
/// thread, and none waits for an event loop.
public final class Metrics: Sendable {
  /// Sets of labels that one metric may have; what asks for more gets an error.
  public static let maxSeries = 1000

  private let state = Mutex(State())
  private let started = Double(WallClock.microseconds) / 1_000_000

  private struct State {
    var servers: [ServerCounts] = []
    /// What loops have counted that are gone.
    var stopped = ServerTotals()
    var channels: [ClientCounts] = []
    var closed = ClientTotals()
    var instruments: [String: InstrumentFamily] = [:]
  }

  /// Metrics that have counted nothing yet.
  public init() {}

  /// The values at present.
  public func snapshot() -> MetricsSnapshot {
    let (servers, clients, own) = state.withLock { state in
      var servers = state.stopped
      for counts in state.servers { counts.add(to: &servers) }
      var clients = state.closed
      for counts in state.channels {
        counts.add(to: &clients)
        clients.backends += counts.backendStates.map { (counts.target, $0) }
      }
      return (servers, clients, state.instruments.values.map(\.family))
    }
    return MetricsSnapshot(servers.families + clients.families + own + processFamilies)
  }

  /// The values at present in the text form of ``OpenMetrics``.
  public func openMetricsText() -> String { OpenMetrics.text(snapshot()) }

  // MARK: Your own

  /// A counter: the one with these labels that was made before, or a new one.
  /// - Parameters:
  ///   - name: letters, digits and `_`; without `_total`, which the text form adds, and with the unit at its end.
  ///   - labels: names like `name`, and any values; at most ``maxSeries`` different sets.
  /// - Throws: ``MetricsError`` for a name that cannot be used, one that is in use for something else, and one set of
  ///   labels too many.
  public func counter(
    _ name: String, help: String, unit: String = "", labels: [String: String] = [:]
  ) throws(MetricsError) -> Counter {
    let instrument = try instrument(name, .counter, help, unit, labels) { .counter(Counter()) }
    guard case .counter(let counter) = instrument else { throw .taken(name) }
    return counter
  }

  /// A gauge, as ``counter(_:help:unit:labels:)`` is a counter.
  /// - Throws: ``MetricsError``, as there.
  public func gauge(
    _ name: String, help: String, unit: String = "", labels: [String: String] = [:]
  ) throws(MetricsError) -> Gauge {
    let instrument = try instrument(name, .gauge, help, unit, labels) { .gauge(Gauge()) }
    guard case .gauge(let gauge) = instrument else { throw .taken(name) }
    return gauge
  }

  /// A histogram, as ``counter(_:help:unit:labels:)`` is a counter.
  /// - Parameter bounds: the upper bounds of the buckets, finite and ascending; at most 200. Those of a set of labels
  ///   that is there already stay.
  /// - Throws: ``MetricsError``, as there, and for such bounds.
  public func histogram(
    _ name: String, help: String, unit: String = "", labels: [String: String] = [:],
    bounds: [Double]
  ) throws(MetricsError) -> Histogram {
    guard bounds.count <= 200, bounds.allSatisfy(\.isFinite),
      zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw MetricsError("the bounds of \(name) must be finite and ascending, and at most 200")
    }
    let instrument = try instrument(name, .histogram, help, unit, labels) {
      .histogram(Histogram(bounds: bounds))
    }
    guard case .histogram(let histogram) = instrument else { throw .taken(name) }
    return histogram
  }

  private func instrument(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ unit: String,
    _ labels: [String: String], _ make: () -> Instrument
  ) throws(MetricsError) -> Instrument {
    try MetricName.check(name, unit: unit, labels: labels)
    let result = state.withLock { state -> Result<Instrument, MetricsError> in
      var family =
        state.instruments[name]
        ?? InstrumentFamily(name: name, kind: kind, help: help, unit: unit)
      guard family.kind == kind, family.unit == unit else { return .failure(.taken(name)) }
      if let known = family.instruments[labels] { return .success(known) }
      guard family.instruments.count < Self.maxSeries else {
        return .failure(MetricsError("\(name) has \(Self.maxSeries) sets of labels already"))
      }
      let new = make()
      family.instruments[labels] = new
      state.instruments[name] = family
      return .success(new)
    }
    return try result.get()
  }

  // MARK: Servers

  /// Reads `counts` from here on.
  func add(_ counts: ServerCounts) { state.withLock { $0.servers.append(counts) } }

  /// Keeps what `counts` has counted, and lets go of it.
  func remove(_ counts: ServerCounts) {
    state.withLock { state in
      guard let index = state.servers.firstIndex(where: { $0 === counts }) else { return }
      counts.add(to: &state.stopped)
      state.servers.remove(at: index)
    }
  }

  // MARK: Channels

  /// Reads `counts` from here on.
  func add(_ counts: ClientCounts) { state.withLock { $0.channels.append(counts) } }

  /// Keeps what `counts` has counted, and lets go of it.
  func remove(_ counts: ClientCounts) {
    state.withLock { state in
      guard let index = state.channels.firstIndex(where: { $0 === counts }) else { return }
      counts.add(to: &state.closed)
      state.channels.remove(at: index)
    }
  }

  // MARK: The process

  private var processFamilies: [MetricFamily] {
    let usage = ProcessUsage()
    var families: [MetricFamily] = [
      .single(
        "process_cpu_seconds", .counter, "Processor time of all threads.",
        usage.processorSeconds, unit: "seconds"),
      .single(
        "process_max_fds", .gauge, "Descriptors that may be open.", Double(usage.maxDescriptors)),
      .single(
        "amaru_metrics_created_timestamp_seconds", .gauge,
        "When these metrics began to count, since 1970.", started, unit: "seconds"),
      .single(
        "amaru_log_dropped_lines", .counter,
        "Lines of logs that were dropped because standard error took too few.",
        Double(LogOutput.droppedLines)),
    ]
    if let bytes = usage.residentBytes {
      families.append(
        .single(
          "process_resident_memory_bytes", .gauge, "Memory in use and not swapped out.",
          Double(bytes), unit: "bytes"))
    }
    if let count = usage.openDescriptors {
      families.append(
        .single("process_open_fds", .gauge, "Descriptors that are open.", Double(count)))
    }
    return families
  }
}
