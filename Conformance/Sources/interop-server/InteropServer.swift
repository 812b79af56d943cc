// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// `interop-server [--host HOST] [--port PORT] [--use-tls --tls-cert FILE --tls-key FILE]`: serves
/// ``InteropService`` and ``LoadReportService`` until SIGTERM.
@main
struct InteropServer {
  static let usage = """
    usage: interop-server [--host HOST] [--port PORT] [--use-tls --tls-cert FILE --tls-key FILE]

    Serves grpc.testing.TestService, the server side of gRPC's interoperability tests, with
    xds.service.orca.v3.OpenRcaService, and prints `listening on HOST:PORT` when it is ready.

      --host HOST   the address to listen on (default: 127.0.0.1)
      --port PORT   the port; 0 takes a free one (default: 10000)
      --use-tls     serve TLS only, with the certificate chain of --tls-cert and the key of --tls-key
      --help        print this

    Flags may be written as gRPC's own programs take them, such as --use_tls=true.
    """

  static func main() async {
    var options = ServerOptions()
    options.interceptors = [EchoMetadata()]
    configure(&options, CommandLine.arguments.dropFirst())
    do {
      let load = ReportedLoad()
      let services: [any Service] = [InteropService(load: load), LoadReportService(load: load)]
      try await Server(services, options: options).run { addresses in
        for address in addresses { print("listening on \(address)") }
        fflush(nil)
      }
    } catch {
      fail("\(error)", status: 1)
    }
  }

  private static func configure(_ options: inout ServerOptions, _ arguments: ArraySlice<String>) {
    var host = "127.0.0.1"
    var port: UInt16 = 10000
    var usesTLS = false
    var certificate: String?
    var key: String?
    var arguments = arguments
    while let argument = arguments.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      let flag = String((parts.first ?? "").map { $0 == "_" ? "-" : $0 })
      if flag == "--help" {
        print(usage)
        exit(0)
      }
      if flag == "--use-tls" {
        usesTLS = parts.count == 1 || parts[1] == "true"
        continue
      }
      guard ["--host", "--port", "--tls-cert", "--tls-key"].contains(flag) else {
        fail("\(argument) is no flag; --help lists them", status: 2)
      }
      guard let value = parts.count == 2 ? parts[1] : arguments.popFirst() else {
        fail("\(flag) needs a value", status: 2)
      }
      switch flag {
      case "--host": host = value
      case "--tls-cert": certificate = value
      case "--tls-key": key = value
      default:
        guard let number = UInt16(value) else {
          fail("--port \(value): a port is a number from 0 to 65535", status: 2)
        }
        port = number
      }
    }
    options.addresses = [.tcp(host: host, port: port)]
    guard usesTLS else { return }
    guard let certificate, let key else {
      fail("--use-tls needs --tls-cert and --tls-key", status: 2)
    }
    options.tls = ServerTLS(certificateChain: .file(certificate), privateKey: .file(key))
  }

  private static func fail(_ line: String, status: Int32) -> Never {
    Logger.standardError.log(.error, "interop-server: \(line)")
    exit(status)
  }
}
