// SPDX-License-Identifier: Apache-2.0
import Serving

/// What the command line says.
struct Arguments {
  static let usage = "[--http-port PORT] [--items FILE] [--users FILE] \(ServerFlags.usage)"
  static let help = """
    Serves all examples in one process, every one at every port. Prints `listening on ADDRESS` for
    each address when it is ready. SIGTERM or SIGINT stops it: running calls finish first, a second
    signal ends them at once.

      --http-port PORT
                     another port, for HTTP; 0 takes a free one (default: 8000)
      --items FILE   the database of Inventory (default: inventory.db in the current folder)
      --users FILE   the database of Users (default: users.db in the current folder)
    \(ServerFlags.help)
    """

  let server: ServerFlags
  let httpPort: UInt16
  let items: String
  let users: String

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var files = ["--items": "inventory.db", "--users": "users.db"]
    var httpPort: UInt16 = 8000
    server = try ServerFlags(arguments) { flag, value throws(UsageError) in
      if flag == "--http-port" {
        httpPort = try ServerFlags.port(value, for: flag)
        return true
      }
      return files.updateValue(value, forKey: flag) != nil
    }
    self.httpPort = httpPort
    items = files["--items", default: ""]
    users = files["--users", default: ""]
  }
}
