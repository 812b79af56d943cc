// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

/// Serves and calls a service whose calls are counted: the two sides of the tests of faults.
@main
struct FaultTool {
  static let usage = """
    usage: fault-tool serve --port PORT [--log FILE] [--delay MS] [--tls-cert FILE --tls-key FILE]
           fault-tool serve --shared-memory NAME [--log FILE] [--delay MS]
           fault-tool load --target TARGET [--rate N] [--seconds S] [--timeout MS] [--config FILE]
                           [--balancer pick_first|round_robin|least_requests] [--keepalive MS] [--breaker]
                           [--tls-ca FILE] [--mixed]
           fault-tool ping --target TARGET [--calls N] [--at-once N]

    serve  answers calls, after the delay, and writes the number of each to the file before it does.
    load   makes calls at a steady rate, of `Once` and `Again` in turn, waits for all, and prints as JSON what
           became of them. What a service config says of each decides whether it is retried. With --mixed every
           second call is one with streams, of which a half is given up in its midst.
    ping   makes calls one after another on the channel's loop, and prints how long they took.
    """

  static func main() async {
    var arguments = Arguments(CommandLine.arguments.dropFirst())
    do {
      switch arguments.command {
      case "serve": try await FaultServer(&arguments).run()
      case "load": try await FaultLoad(&arguments).run()
      case "ping": try await FaultPing(&arguments).run()
      case "--help":
        print(usage)
      default:
        print(usage)
        exit(2)
      }
    } catch {
      print("fault-tool: \(error)")
      exit(1)
    }
  }
}
