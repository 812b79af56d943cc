// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Glibc

// Times the reading and writing of two values, in nanoseconds of CPU time of the process. Prints
// one line of JSON, and writes the larger value to a file for the peers.
// Usage: amaru-messagepack-bench FILE

/// CPU time of the process in nanoseconds.
func cpuNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// The best of many batches, per operation.
func best(_ batchSize: Int = 20_000, _ operation: () throws -> Int) rethrows -> Double {
  var best = UInt64.max
  var sink = 0
  for _ in 0..<25 {
    let start = cpuNanoseconds()
    for _ in 0..<batchSize { sink &+= try operation() }
    best = min(best, cpuNanoseconds() - start)
  }
  // Keeps the work from being optimised away.
  if sink == 42 { print("") }
  return Double(best) / Double(batchSize)
}

@inline(never)
func writtenCount<Value: MessagePackEncodable>(_ value: Value) -> Int {
  MessagePackWriter.withScratch { writer in
    writer.value(value)
    return writer.count
  }
}

@inline(never)
func readPair(_ bytes: [UInt8]) throws -> Pair { try Pair(messagePack: bytes) }

@inline(never)
func readItem(_ bytes: [UInt8]) throws -> Item { try Item(messagePack: bytes) }

func run(_ path: String) throws {
  let pair = Pair(a: 10, b: 20)
  let pairBytes = try pair.messagePack()
  let item = Item(CodableItem.sample)
  let itemBytes = try item.messagePack()
  let encoder = MessagePackEncoder()
  let decoder = MessagePackDecoder()
  let codablePair = CodablePair(a: 10, b: 20)
  let codableItem = CodableItem.sample
  let figures = [
    ("pair_write_ns", best { writtenCount(pair) }),
    ("pair_encode_ns", try best { try pair.messagePack().count }),
    ("pair_decode_ns", try best { try readPair(pairBytes).b }),
    ("pair_codable_encode_ns", try best { try encoder.encode(codablePair).count }),
    (
      "pair_codable_decode_ns",
      try best { try decoder.decode(CodablePair.self, from: pairBytes).b }
    ),
    ("item_write_ns", best { writtenCount(item) }),
    ("item_encode_ns", try best { try item.messagePack().count }),
    ("item_decode_ns", try best { try readItem(itemBytes).tags.count }),
    ("item_codable_encode_ns", try best { try encoder.encode(codableItem).count }),
    (
      "item_codable_decode_ns",
      try best { try decoder.decode(CodableItem.self, from: itemBytes).tags.count }
    ),
  ]
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard file >= 0, write(file, itemBytes, itemBytes.count) == itemBytes.count else {
    throw MessagePackError(.invalidValue("\(path) cannot be written"), offset: 0)
  }
  close(file)
  let fields = figures.map { "\"\($0.0)\": \($0.1)" } + ["\"item_bytes\": \(itemBytes.count)"]
  print("{" + fields.joined(separator: ", ") + "}")
}

guard CommandLine.arguments.count == 2 else {
  print("usage: amaru-messagepack-bench FILE")
  exit(64)
}
try run(CommandLine.arguments[1])
