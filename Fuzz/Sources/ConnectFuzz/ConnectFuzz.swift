// SPDX-License-Identifier: Apache-2.0

import AmaruHTTP
import AmaruProtocols

/// Gives an arbitrary request to the protocols over HTTP/1.1: the first line is `METHOD /path?query`, the second header fields
/// (`name: value`, separated by commas), the rest the body, cut into pieces.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  let target = input.prefix { $0 != 0x0a }
  let line = input.dropFirst(target.count + 1).prefix { $0 != 0x0a }
  var body = UnsafeRawBufferPointer(rebasing: input.dropFirst(target.count + line.count + 2))
  let method = target.prefix { $0 != 0x20 }
  var fields = HTTPFields()
  fields.add(":method", String(decoding: method, as: UTF8.self))
  for field in line.split(separator: 0x2c) {
    let name = field.prefix { $0 != 0x3a }
    fields.add(
      UnsafeRawBufferPointer(rebasing: name),
      UnsafeRawBufferPointer(rebasing: field.dropFirst(name.count + 1)))
  }
  fields.add(":path", String(decoding: target.dropFirst(method.count + 1), as: UTF8.self))
  let bench = Bench.shared
  let stream = Sink()
  let handler = ProtocolSelection.begin(
    HTTPHead(fields), isHTTP1: true, on: stream, environment: bench.environment,
    connection: Bench.Connection())
  bench.turn()
  let step = max(1, Int(body.first ?? 1))
  repeat {
    let piece = UnsafeRawBufferPointer(rebasing: body.prefix(step))
    body = UnsafeRawBufferPointer(rebasing: body.dropFirst(step))
    handler.receive(piece, end: body.isEmpty)
    bench.turn()
  } while !body.isEmpty
  precondition(stream.isEnded, "there is no answer to a whole request")
  handler.closed(nil)
  bench.turn()
  precondition(bench.environment.dispatcher.activeCount == 0, "a handler was left behind")
  return 0
}
