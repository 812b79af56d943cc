// SPDX-License-Identifier: Apache-2.0

import AmaruHTTP

/// Gives arbitrary bytes to a connection as what its peer sent, cut into pieces. The first byte tells how: by
/// its upper half whether a valid preface stands in front, by its lower half how long a piece is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var input = UnsafeRawBufferPointer(start: start, count: count)
  guard let shape = input.first else { return 0 }
  input = UnsafeRawBufferPointer(rebasing: input.dropFirst())
  let owner = EchoOwner()
  guard
    let connection = HTTP2Connection(
      limits: HTTPLimits(maxConcurrentStreams: 4, maxBufferedBytes: 4096, abuseBudget: 20),
      memory: SessionMemory(), owner: owner, now: 0)
  else { return 0 }
  var now: UInt64 = 0
  func turn(_ bytes: UnsafeRawBufferPointer) {
    now += 1_000_000
    connection.receive(bytes, now: now)
    withUnsafeTemporaryAllocation(byteCount: 32 << 10, alignment: 16) { buffer in
      while connection.produce(into: buffer) > 0 {}
    }
  }
  if shape >> 4 != 0 {
    let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    preface.withUnsafeBytes { turn($0) }
  }
  let step = max(1, Int(shape & 15) * 7)
  while !input.isEmpty, !connection.isDone {
    turn(UnsafeRawBufferPointer(rebasing: input.prefix(step)))
    input = UnsafeRawBufferPointer(rebasing: input.dropFirst(step))
  }
  if shape & 1 == 0 { connection.drain() }
  connection.lost()
  precondition(owner.open == 0, "a stream was not closed")
  return 0
}

/// Answers each request with its own body.
private final class EchoOwner: HTTPServerOwner {
  var open = 0

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    open += 1
    return Echo(stream, self)
  }

  func connectionHasOutput() {}

  private final class Echo: HTTPRequestHandler {
    private var stream: (any HTTPServerStream)?
    private let owner: EchoOwner
    private var kept = 0

    init(_ stream: any HTTPServerStream, _ owner: EchoOwner) {
      self.stream = stream
      self.owner = owner
    }

    func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
      var fields = HTTPFields()
      fields.add(":status", "200")
      stream?.sendHead(fields, end: false)
      stream?.sendBody(bytes)
      stream?.kept(bytes.count)
      kept += bytes.count
      if kept > 1000 {
        stream?.released(kept)
        stream?.credit(kept)
        kept = 0
      }
      if end { stream?.sendTrailers(HTTPFields()) }
    }

    func roomAvailable() {}
    func overflow() { stream?.reset(.enhanceYourCalm) }
    func closed(_ reason: HTTPStreamClosure?) {
      owner.open -= 1
      stream = nil
    }
  }
}
