// SPDX-License-Identifier: Apache-2.0

import AmaruHTTP

/// Gives arbitrary bytes to a connection as what its peer sent. The first byte tells how long a piece is, by its lower
/// half, and how requests are answered, by its upper half.
///
/// However the bytes are cut, the same requests must come of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeRawBufferPointer(start: start, count: count)
  guard let shape = input.first else { return 0 }
  let bytes = UnsafeRawBufferPointer(rebasing: input.dropFirst())
  let answers = EchoOwner.Answers(rawValue: shape >> 4) ?? .atTheEnd
  let cut = run(bytes, step: max(1, Int(shape & 15) * 7), answers)
  if answers == .atTheEnd {
    let whole = run(bytes, step: max(1, bytes.count), answers)
    precondition(cut == whole, "the requests depend on how the bytes are cut")
  }
  return 0
}

/// The requests that `input`, in pieces of `step` bytes, holds to their ends.
private func run(
  _ input: UnsafeRawBufferPointer, step: Int, _ answers: EchoOwner.Answers
) -> [EchoOwner.Request] {
  let owner = EchoOwner(answers)
  let connection = HTTP1Connection(
    limits: HTTPLimits(
      maxHeaderListBytes: 2048, maxHeaderFields: 20, streamWindowBytes: 512,
      maxBufferedBytes: 4096, sendBufferBytes: 256),
    owner: owner, scheme: "http", date: nil, now: 0)
  var now: UInt64 = 0
  var input = input
  withUnsafeTemporaryAllocation(byteCount: 1 << 10, alignment: 16) { buffer in
    while !input.isEmpty, !connection.isDone {
      now += 1
      connection.receive(UnsafeRawBufferPointer(rebasing: input.prefix(step)), now: now)
      input = UnsafeRawBufferPointer(rebasing: input.dropFirst(step))
      var isMoving = true
      while isMoving {
        isMoving = connection.produce(into: buffer) > 0 || owner.goOn()
        guard connection.canResume else { continue }
        connection.resume(now: now)
        isMoving = true
      }
      _ = connection.isBodyTooSlow(now: now, limit: 100)
    }
    connection.drain()
    while connection.produce(into: buffer) > 0 {}
  }
  connection.lost()
  precondition(owner.open == 0, "a request was not closed")
  precondition(connection.isDone && connection.streamCount == 0, "the connection has not ended")
  return owner.whole
}

/// Answers each request with its own body.
private final class EchoOwner: HTTPServerOwner {
  enum Answers: UInt8 {
    case atTheEnd, atOnce, slowly, byReset, inPieces
  }

  struct Request: Equatable {
    var fields: HTTPFields
    var body: [UInt8] = []
  }

  let answers: Answers
  var open = 0
  var whole: [Request] = []
  private var waiting: [Echo] = []

  init(_ answers: Answers) { self.answers = answers }

  func requestBegan(
    _ head: HTTPHead, on stream: any HTTPServerStream
  ) -> any HTTPRequestHandler {
    open += 1
    precondition(head.method != "" && head.path != "", "a request without a target")
    let echo = Echo(stream, head.fields, self)
    if answers == .atOnce { echo.answer() }
    return echo
  }

  func connectionHasOutput() {}

  /// Gives the credit that a slow handler has kept back; whether there was any.
  func goOn() -> Bool {
    let echoes = waiting
    waiting = []
    for echo in echoes { echo.giveCredit() }
    return !echoes.isEmpty
  }

  final class Echo: HTTPRequestHandler {
    private var stream: (any HTTPServerStream)?
    private let owner: EchoOwner
    private var request: Request
    private var uncredited = 0

    init(_ stream: any HTTPServerStream, _ fields: HTTPFields, _ owner: EchoOwner) {
      self.stream = stream
      self.owner = owner
      request = Request(fields: fields)
    }

    func answer() {
      var fields = HTTPFields()
      fields.add(":status", "200")
      stream?.sendHead(fields, end: false)
      request.body.withUnsafeBytes { stream?.sendBody($0) }
      stream?.sendTrailers(request.fields)
    }

    func giveCredit() {
      stream?.released(uncredited)
      stream?.credit(uncredited)
      uncredited = 0
    }

    func receive(_ bytes: UnsafeRawBufferPointer, end: Bool) {
      request.body += bytes
      uncredited += bytes.count
      stream?.kept(bytes.count)
      switch owner.answers {
      case .slowly: owner.waiting.append(self)
      case .byReset where request.body.count > 100: stream?.reset(.refused)
      case .inPieces:
        giveCredit()
        var fields = HTTPFields()
        fields.add(":status", "200")
        stream?.sendHead(fields, end: false)
        stream?.sendBody(bytes)
        if end { stream?.sendTrailers(HTTPFields()) }
      default: giveCredit()
      }
      guard end else { return }
      owner.whole.append(request)
      answer()
    }

    func roomAvailable() {}
    func overflow() { stream?.reset(.enhanceYourCalm) }
    func closed(_ reason: HTTPStreamClosure?) {
      owner.open -= 1
      stream = nil
    }
  }
}
