// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// `interop-server [--host HOST] [--port PORT]`: serves ``InteropService`` until SIGTERM.
@main
struct InteropServer {
  static let usage = """
    usage: interop-server [--host HOST] [--port PORT]

    Serves grpc.testing.TestService, the server side of gRPC's interoperability tests, and prints
    `listening on HOST:PORT` when it is ready.

      --host HOST   the address to listen on (default: 127.0.0.1)
      --port PORT   the port; 0 takes a free one (default: 10000)
      --help        print this
    """

  static func main() async {
    var options = ServerOptions()
    options.interceptors = [EchoMetadata()]
    options.addresses = [address(CommandLine.arguments.dropFirst())]
    do {
      try await Server([InteropService()], options: options).run { addresses in
        for address in addresses { print("listening on \(address)") }
        fflush(nil)
      }
    } catch {
      fail("\(error)", status: 1)
    }
  }

  private static func address(_ arguments: ArraySlice<String>) -> SocketAddress {
    var host = "127.0.0.1"
    var port: UInt16 = 10000
    var arguments = arguments
    while let flag = arguments.popFirst() {
      if flag == "--help" {
        print(usage)
        exit(0)
      }
      guard flag == "--host" || flag == "--port" else {
        fail("\(flag) is no flag; --help lists them", status: 2)
      }
      guard let value = arguments.popFirst() else { fail("\(flag) needs a value", status: 2) }
      if flag == "--host" {
        host = value
      } else {
        guard let number = UInt16(value) else {
          fail("--port \(value): a port is a number from 0 to 65535", status: 2)
        }
        port = number
      }
    }
    return .tcp(host: host, port: port)
  }

  private static func fail(_ line: String, status: Int32) -> Never {
    Logger.standardError.log(.error, "interop-server: \(line)")
    exit(status)
  }
}
