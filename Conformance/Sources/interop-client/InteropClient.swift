// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// `interop-client --host HOST --port PORT --test-case NAME`: the client side of gRPC's interoperability tests.
@main
struct InteropClient {
  static let usage = """
    usage: interop-client --host HOST --port PORT --test-case NAME [--use-tls ...]

    Runs one of gRPC's interoperability tests against a server and exits with 0 when it passes.

      --host HOST        the server's host (default: 127.0.0.1)
      --port PORT        its port (default: 10000)
      --test-case NAME   the test, or `all`; \(TestCase.names.joined(separator: ", "))
      --use-tls          call over TLS
      --ca-file FILE     the authorities that the server's certificate may be of, in PEM (default: the system's)
      --server-host-override NAME
                         the name that the certificate must have, in place of the host
      --soak-iterations N, --soak-max-failures N, --soak-per-iteration-max-acceptable-latency-ms N,
      --soak-overall-timeout-seconds N, --soak-min-time-ms-between-rpcs N
                         how rpc_soak and channel_soak run (default: 10 calls, none of which fails or takes
                         longer than 1000 ms)
      --list             print the tests and stop
      --help             print this

    Flags may be written as gRPC's own programs take them, such as --server_port=10000.
    """

  static func main() async {
    var host = "127.0.0.1"
    var port: UInt16 = 10000
    var name: String?
    var usesTLS = false
    var tls = ClientTLS()
    var options = ChannelOptions()
    // The thousand responses of `concurrent_large_unary` may be on their way at once.
    options.limits.maxBufferedBytesPerConnection = 512 << 20
    var soak = Soak()
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      // gRPC's own clients write underscores.
      guard let flag = parts.first.map({ String($0.map { $0 == "_" ? "-" : $0 }) }) else {
        continue
      }
      if flag == "--help" { finish(usage) }
      if flag == "--list" { finish(TestCase.names.joined(separator: "\n")) }
      if flag == "--use-tls" {
        usesTLS = parts.count == 1 || parts[1] == "true"
        continue
      }
      guard let value = parts.count == 2 ? parts[1] : arguments.popFirst() else {
        fail("\(flag) wants a value; --help explains", status: 2)
      }
      switch flag {
      case "--host", "--server-host": host = value
      case "--port", "--server-port":
        guard let number = UInt16(value) else { fail("'\(value)' is not a port", status: 2) }
        port = number
      case "--test-case": name = value
      case "--ca-file": tls.trust = .authorities(.file(value))
      case "--server-host-override": options.authority = value
      default:
        guard let number = Int(value), number >= 0, soak.take(flag, number) else {
          fail("unknown argument \(flag) \(value); --help lists what there is", status: 2)
        }
      }
    }
    if usesTLS { options.tls = tls }
    guard let name else { fail("--test-case is missing; --help explains", status: 2) }
    let names = name == "all" ? TestCase.names : [name]
    var failed = 0
    for name in names {
      do {
        if TestCase.soaks.contains(name) {
          try await soak.run(reuses: name == "rpc_soak") {
            try ClientChannel("\(host):\(port)", options: options)
          }
        } else if let test = TestCase.all[name] {
          let channel = try ClientChannel("\(host):\(port)", options: options)
          try await test(channel)
          await channel.close()
        } else {
          fail("no test '\(name)'; --list prints them", status: 2)
        }
        print("\(name): passed")
      } catch {
        failed += 1
        print("\(name): FAILED: \(error)")
      }
    }
    exit(failed == 0 ? 0 : 1)
  }

  private static func finish(_ text: String) -> Never {
    print(text)
    exit(0)
  }

  private static func fail(_ text: String, status: Int32) -> Never {
    let line = "interop-client: \(text)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(status)
  }
}
