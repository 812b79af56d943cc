// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// What the command line says.
struct Arguments {
  static let usage = """
    [--http-port PORT] [--path PATH] [--base-path PATH] [--http-methods LIST] \
    \(ServerFlags.usage)
    """
  static let help = """
    Serves Greeter and greetings.v1.Greetings: gRPC on one port, HTTP with JSON on another, and on
    both gRPC-Web and Connect. Prints `listening on ADDRESS` for each port, that of gRPC first, when
    it is ready. SIGTERM or SIGINT stops it: running calls finish first, a second signal ends them
    at once.

      --http-port PORT
                     the port of HTTP; that of --port serves all on one (default: 8000)
      --path PATH    where the services begin over HTTP (default: /grpc)
      --base-path PATH
                     what stands in front of it, such as /api/v1 (default: nothing)
      --http-methods LIST
                     the HTTP methods that are allowed, such as POST,GET (default: all)
    \(ServerFlags.help)
    """

  let server: ServerFlags
  let httpPort: UInt16
  let path: String
  let basePath: String
  let httpMethods: [String]

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var httpPort: UInt16 = 8000
    var path = "/grpc"
    var basePath = ""
    var httpMethods = HTTPRoutes.allMethods
    server = try ServerFlags(arguments) { flag, value throws(UsageError) in
      switch flag {
      case "--http-port": httpPort = try ServerFlags.port(value, for: flag)
      case "--path": path = value
      case "--base-path": basePath = value
      case "--http-methods": httpMethods = value.split(separator: ",").map(String.init)
      default: return false
      }
      return true
    }
    guard server.socket == nil else {
      throw UsageError("--socket is not for this server, which listens on two ports")
    }
    self.httpPort = httpPort
    self.path = path
    self.basePath = basePath
    self.httpMethods = httpMethods
  }
}
