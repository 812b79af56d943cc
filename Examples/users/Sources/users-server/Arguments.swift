// SPDX-License-Identifier: Apache-2.0
import Amaru
import Serving

/// What the command line says.
struct Arguments {
  static let usage = """
    [--data FILE] [--jwt-keys FILE | --jwt-secret FILE [--jwt-audience NAME]] \(ServerFlags.usage)
    """
  static let help = """
    Serves users.v1.UserService and grpc.health.v1.Health over gRPC, gRPC-Web and Connect. Prints
    `listening on ADDRESS` for each address when it is ready. SIGTERM or SIGINT stops it: running
    calls finish first, a second signal ends them at once.

      --data FILE    the SQLite database with the users, made when it is not there; :memory: keeps
                     them in memory only (default: users.db in the current folder)
      --jwt-keys FILE
                     take calls with a JSON Web Token only, signed with one of these public keys: PEM, or
                     a JSON Web Key Set in a file named *.json; read again when it changes
      --jwt-secret FILE
                     the same with a shared secret of 32 bytes or more (HS256)
      --jwt-audience NAME
                     whom tokens have to be for; without it they are for nobody in particular
    \(ServerFlags.help)
    """

  let server: ServerFlags
  let data: String
  /// The keys of the tokens that callers need; nil for calls without any.
  let tokenKeys: TokenKeys?
  let audience: String?

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var data = "users.db"
    var own: [String: String] = [:]
    server = try ServerFlags(arguments) { flag, value throws(UsageError) in
      switch flag {
      case "--data": data = value
      case "--jwt-keys", "--jwt-secret", "--jwt-audience": own[flag] = value
      default: return false
      }
      return true
    }
    self.data = data
    tokenKeys = try Self.tokenKeys(own["--jwt-keys"], secret: own["--jwt-secret"])
    audience = own["--jwt-audience"]
    guard tokenKeys != nil || audience == nil else {
      throw UsageError("--jwt-audience needs --jwt-keys or --jwt-secret")
    }
  }

  private static func tokenKeys(
    _ keys: String?, secret: String?
  ) throws(UsageError) -> TokenKeys? {
    switch (keys, secret) {
    case (nil, nil): nil
    case (let keys?, nil): keys.hasSuffix(".json") ? .keySet(file: keys) : .publicKeys(.file(keys))
    case (nil, let secret?): .secret(file: secret)
    default: throw UsageError("--jwt-keys and --jwt-secret exclude each other")
    }
  }
}
