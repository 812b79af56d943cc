// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// `amaru-bench-server --port P --loops N [--tls-cert FILE --tls-key FILE] [--metrics PORT]`: serves ``EchoService`` until SIGTERM.
@main
struct BenchServer {
  // Not `async`: an asynchronous main ends its thread, which valgrind does not survive.
  static func main() {
    Task.detached { await serve() }
    while true { pause() }
  }

  private static func serve() async {
    var options = ServerOptions()
    options.limits.maxConcurrentStreams = 1000
    var host = "127.0.0.1"
    var port: UInt16 = 0
    var certificate = ""
    var key = ""
    var arguments = CommandLine.arguments.dropFirst()
    while let flag = arguments.popFirst() {
      let value = arguments.popFirst() ?? ""
      switch flag {
      case "--port": port = UInt16(value) ?? 0
      case "--host": host = value
      case "--loops": options.loops = Int(value) ?? 1
      case "--metrics":
        options.metricsAddress = .tcp(host: "127.0.0.1", port: UInt16(value) ?? 0)
      case "--tls-cert": certificate = value
      case "--tls-key": key = value
      default:
        print(
          "usage: amaru-bench-server [--host HOST] [--port PORT] [--loops COUNT] [--tls-cert FILE --tls-key FILE] [--metrics PORT]"
        )
        exit(flag == "--help" ? 0 : 2)
      }
    }
    if !certificate.isEmpty {
      options.tls = ServerTLS(certificateChain: .file(certificate), privateKey: .file(key))
    }
    options.addresses = [.tcp(host: host, port: port)]
    var routes = HTTPRoutes()
    routes.add(EchoService(), under: "/grpc")
    options.httpRoutes = routes
    do {
      try await Server([EchoService()], options: options).run { addresses in
        for address in addresses { print("listening on \(address)") }
        fflush(nil)
      }
      exit(0)
    } catch {
      print("amaru-bench-server: \(error)")
      exit(1)
    }
  }
}
