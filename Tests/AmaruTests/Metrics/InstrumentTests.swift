// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Amaru

struct InstrumentTests {
  @Test func instrumentsKeepWhatTheyAreTold() throws {
    let metrics = Metrics()
    let counter = try metrics.counter("shop_orders", help: "Orders.", labels: ["kind": "book"])
    counter.increment()
    counter.increment(by: 4)
    let gauge = try metrics.gauge("shop_open_carts", help: "Carts.")
    gauge.set(7)
    gauge.add(-2.5)
    let histogram = try metrics.histogram(
      "shop_wait_seconds", help: "Waits.", unit: "seconds", bounds: [1, 2])
    for value in [0.5, 1, 1.5, 2.5, .infinity, .nan] { histogram.observe(value) }
    let snapshot = metrics.snapshot()
    #expect(snapshot.value("shop_orders", ["kind": "book"]) == 5)
    #expect(snapshot.value("shop_orders", ["kind": "pen"]) == nil)
    #expect(snapshot.value("shop_open_carts") == 4.5)
    #expect(snapshot.histogram("shop_wait_seconds")?.counts == [2, 1, 2])
    // The same name and labels are the same instrument.
    try metrics.counter("shop_orders", help: "Orders.", labels: ["kind": "book"]).increment()
    #expect(counter.value == 6)
  }

  @Test func manyThreadsAddToOneInstrument() async throws {
    let metrics = Metrics()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 {
            try? metrics.counter("many", help: "").increment()
            try? metrics.gauge("level", help: "").add(1)
            try? metrics.histogram("sizes", help: "", bounds: [1]).observe(2)
          }
        }
      }
    }
    let snapshot = metrics.snapshot()
    #expect(snapshot.value("many") == 8000)
    #expect(snapshot.value("level") == 8000)
    #expect(snapshot.histogram("sizes")?.counts == [0, 8000])
  }

  @Test(
    arguments: [
      ("", "", []), ("1st", "", []), ("with space", "", []), ("é", "", []), ("a:b", "", []),
      ("orders_total", "", []), ("orders_bucket", "", []), ("orders_count", "", []),
      ("orders_sum", "", []), ("grpc_calls", "", []), ("process_x", "", []), ("amaru_x", "", []),
      ("waits", "seconds", []), ("waits_seconds", "sec onds", []),
      ("orders", "", ["le"]), ("orders", "", ["__name"]), ("orders", "", ["1"]),
      ("orders", "", ["a-b"]), ("orders", "", [""]),
      (String(repeating: "a", count: 201), "", []), ("orders", "", (0..<17).map { "l\($0)" }),
    ] as [(String, String, [String])])
  func aNameThatCannotBeWrittenIsRefused(_ name: String, _ unit: String, _ labels: [String]) {
    let labels = Dictionary(uniqueKeysWithValues: labels.map { ($0, "x") })
    #expect(throws: MetricsError.self) {
      try Metrics().counter(name, help: "", unit: unit, labels: labels)
    }
  }

  @Test func aNameIsOfOneKindAndUnit() throws {
    let metrics = Metrics()
    _ = try metrics.counter("orders_bytes", help: "", unit: "bytes")
    #expect(throws: MetricsError.self) { try metrics.gauge("orders_bytes", help: "", unit: "bytes") }
    #expect(throws: MetricsError.self) { try metrics.counter("orders_bytes", help: "") }
  }

  @Test func oneSetOfLabelsTooManyIsRefusedAndTheOthersStay() throws {
    let metrics = Metrics()
    for number in 0..<Metrics.maxSeries {
      try metrics.counter("orders", help: "", labels: ["n": "\(number)"]).increment()
    }
    #expect(throws: MetricsError.self) {
      try metrics.counter("orders", help: "", labels: ["n": "one more"])
    }
    try metrics.counter("orders", help: "", labels: ["n": "0"]).increment()
    #expect(metrics.snapshot().value("orders") == Double(Metrics.maxSeries + 1))
  }

  @Test(arguments: [[2, 1], [1, 1], [.infinity], [.nan], (0...200).map { Double($0) }])
  func boundsThatAreNotAscendingAreRefused(_ bounds: [Double]) {
    #expect(throws: MetricsError.self) {
      try Metrics().histogram("waits", help: "", bounds: bounds)
    }
  }

  @Test func theProcessIsMeasured() {
    let snapshot = Metrics().snapshot()
    #expect(snapshot.value("process_cpu_seconds") ?? 0 > 0)
    #expect(snapshot.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
    #expect(snapshot.value("process_open_fds") ?? 0 > 2)
    #expect(snapshot.value("process_max_fds") ?? 0 > 2)
  }
}
