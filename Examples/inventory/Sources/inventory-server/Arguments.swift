// SPDX-License-Identifier: Apache-2.0
import Serving

/// What the command line says.
struct Arguments {
  static let usage = "[--data FILE] \(ServerFlags.usage)"
  static let help = """
    Serves inventory.Inventory and grpc.health.v1.Health over gRPC, gRPC-Web and Connect. Prints
    `listening on ADDRESS` for each address when it is ready. SIGTERM or SIGINT stops it: running
    calls finish first, a second signal ends them at once.

      --data FILE    the SQLite database with the items, made when it is not there; :memory: keeps
                     them in memory only (default: inventory.db in the current folder)
    \(ServerFlags.help)
    """

  let server: ServerFlags
  let data: String

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var data = "inventory.db"
    server = try ServerFlags(arguments) { flag, value throws(UsageError) in
      guard flag == "--data" else { return false }
      data = value
      return true
    }
    self.data = data
  }
}
