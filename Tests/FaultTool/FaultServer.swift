// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// Answers calls, and writes the number of each to a file before it does, so that a server that is killed has told
/// what it had begun.
struct FaultServer: Service {
  private let delay: Duration
  private let log: Int32
  private let options: ServerOptions

  init(_ arguments: inout Arguments) throws {
    delay = .milliseconds(try arguments.number("--delay", default: 0))
    let path = arguments.text("--log") ?? "/dev/null"
    log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    guard log >= 0 else { throw Arguments.Malformed(description: "cannot write \(path)") }
    var options = ServerOptions()
    let port = try arguments.number("--port", default: 0)
    options.addresses = [.tcp(host: "127.0.0.1", port: UInt16(clamping: port))]
    if let name = arguments.text("--shared-memory") { options.addresses = [.sharedMemory(name)] }
    if let certificate = arguments.text("--tls-cert") {
      options.tls = ServerTLS(
        certificateChain: .file(certificate), privateKey: .file(try arguments.needed("--tls-key")))
    }
    self.options = options
  }

  var handlers: [Handler] {
    [chat, count]
      + [FaultMethods.once, FaultMethods.again].map { method in
        .unary(method) { [delay, log] request, _ in
          let line = "\(request.value)\n"
          _ = line.withCString { write(log, $0, strlen($0)) }
          if delay > .zero { try await Task.sleep(for: delay) }
          return request
        }
      }
  }

  private var chat: Handler {
    .bidirectional(FaultMethods.chat) { requests, responses, _ in
      for try await request in requests { try await responses.write(request) }
    }
  }

  private var count: Handler {
    .serverStreaming(FaultMethods.count) { request, responses, _ in
      for number in 0..<request.value { try await responses.write(.with { $0.value = number }) }
    }
  }

  func run() async throws {
    try await Server([self], options: options).run { addresses in
      for address in addresses { print("listening on \(address)") }
      fflush(nil)
    }
  }
}
