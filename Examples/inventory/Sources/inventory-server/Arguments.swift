// SPDX-License-Identifier: Apache-2.0
import Amaru

/// What the command line says.
struct Arguments {
  static let usage = """
    usage: inventory-server [--host HOST] [--port PORT] [--socket PATH] [--data FILE] [--loops N]
    """
  static let help = """
    \(usage)

    Serves inventory.Inventory and grpc.health.v1.Health over gRPC. Prints `listening on ADDRESS`
    for each address when it is ready. SIGTERM or SIGINT stops it: running calls finish first, a
    second signal ends them at once.

      --host HOST    the address to listen on (default: 127.0.0.1)
      --port PORT    the port; 0 takes a free one (default: 50051)
      --socket PATH  listen on this Unix socket, too
      --data FILE    the SQLite database with the items, made when it is not there; :memory: keeps
                     them in memory only (default: inventory.db in the current folder)
      --loops N      threads that serve connections, 1 to 64 (default: 1)
      --help         print this
    """

  private(set) var host = "127.0.0.1"
  private(set) var port: UInt16 = 50051
  private(set) var socket: String?
  private(set) var data = "inventory.db"
  private(set) var loops = 1

  /// Where to listen, TCP first.
  var addresses: [SocketAddress] {
    [.tcp(host: host, port: port)] + (socket.map { [.unix(path: $0)] } ?? [])
  }

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = arguments.makeIterator()
    while let flag = rest.next() {
      guard ["--host", "--port", "--socket", "--data", "--loops"].contains(flag) else {
        throw UsageError("\(flag) is not a flag; --help lists them")
      }
      guard let value = rest.next(), !value.isEmpty else {
        throw UsageError("\(flag) needs a value")
      }
      switch flag {
      case "--host": host = value
      case "--port": port = try Self.number(value, in: 0...UInt16.max, for: flag)
      case "--socket": socket = value
      case "--data": data = value
      default: loops = try Self.number(value, in: 1...64, for: flag)
      }
    }
  }

  private static func number<Number: FixedWidthInteger>(
    _ text: String, in range: ClosedRange<Number>, for flag: String
  ) throws(UsageError) -> Number {
    guard let number = Number(text), range.contains(number) else {
      throw UsageError(
        "\(flag) \(text): a number from \(range.lowerBound) to \(range.upperBound) is wanted")
    }
    return number
  }
}
