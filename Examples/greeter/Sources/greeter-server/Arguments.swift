// SPDX-License-Identifier: Apache-2.0
import Serving

/// What the command line says.
struct Arguments {
  static let usage = "\(ServerFlags.usage)"
  static let help = """
    Serves Greeter and greetings.v1.Greetings. Prints `listening on ADDRESS` for each address when
    it is ready. SIGTERM or SIGINT stops it: running calls finish first, a second signal ends them
    at once.

    \(ServerFlags.help)
    """

  let server: ServerFlags

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    server = try ServerFlags(arguments)
  }
}
