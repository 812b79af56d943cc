// SPDX-License-Identifier: Apache-2.0

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
  handler.closed(stream.isEnded ? nil : .reset(8))
  bench.turn()
  precondition(bench.environment.dispatcher.activeCount == 0, "a handler was left behind")
  return 0
}
