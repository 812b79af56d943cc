// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Glibc

// Times the decoding and encoding of one message, in nanoseconds of CPU time of the process.
// Prints one line of JSON. Usage: amaru-codec-bench MESSAGE-FILE

/// CPU time of the process in nanoseconds.
func cpuNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// The best of many batches, per operation.
func best(_ operation: () -> Int) -> Double {
  let batchSize = 20_000
  var best = UInt64.max
  var sink = 0
  for _ in 0..<25 {
    let start = cpuNanoseconds()
    for _ in 0..<batchSize { sink &+= operation() }
    best = min(best, cpuNanoseconds() - start)
  }
  // Keeps the work from being optimised away.
  if sink == 42 { print("") }
  return Double(best) / Double(batchSize)
}

func readFile(_ path: String) -> [UInt8]? {
  let file = open(path, O_RDONLY)
  guard file >= 0 else { return nil }
  defer { close(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = read(file, &bytes, bytes.count)
  return count < 0 ? nil : Array(bytes[..<count])
}

func run() -> Int32 {
  guard CommandLine.arguments.count == 2, let bytes = readFile(CommandLine.arguments[1]),
    let item = try? Item(decoding: bytes), item.encoded().count == bytes.count
  else {
    print("usage: amaru-codec-bench MESSAGE-FILE (a bench.Item)")
    return 64
  }
  let decode = best { (try? Item(decoding: bytes.span.bytes))?.tags.count ?? 0 }
  let encode = best { item.withEncoded { $0.count } }
  let encodeArray = best { item.encoded().count }
  guard let json = try? item.json(), let read = try? Item(json: json), read == item else {
    print("the JSON form of the message is not read as the same message")
    return 65
  }
  let jsonEncode = best { (try? item.json())?.count ?? 0 }
  let jsonDecode = best { (try? Item(json: json.span.bytes))?.tags.count ?? 0 }

  let large = Item.with { $0.blob = [UInt8](repeating: 7, count: 1 << 20) }
  let largeBytes = large.encoded()
  func bestLarge(_ operation: () -> Int) -> Double {
    var best = UInt64.max
    for _ in 0..<200 {
      let start = cpuNanoseconds()
      if operation() == 0 { return 0 }
      best = min(best, cpuNanoseconds() - start)
    }
    return Double(best)
  }
  let largeEncode = bestLarge { large.withEncoded { $0.count } }
  let largeEncodeArray = bestLarge { large.encoded().count }
  let largeDecode = bestLarge { (try? Item(decoding: largeBytes))?.blob.count ?? 0 }
  print(
    """
    {"decode_ns": \(decode), "encode_ns": \(encode), "encode_array_ns": \(encodeArray), \
    "json_encode_ns": \(jsonEncode), "json_decode_ns": \(jsonDecode), "json_bytes": \(json.count), \
    "decode_1mib_ns": \(largeDecode), "encode_1mib_ns": \(largeEncode), \
    "encode_array_1mib_ns": \(largeEncodeArray)}
    """)
  return 0
}

exit(run())
