// SPDX-License-Identifier: Apache-2.0
import Amaru

/// What the command line says.
struct Arguments {
  static let usage = """
    usage: users-server [--host HOST] [--port PORT] [--socket PATH] [--data FILE] [--loops N] \
    [--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]] [--metrics HOST:PORT] \
    [--access-log text|json] [--jwt-keys FILE | --jwt-secret FILE [--jwt-audience NAME]]
    """
  static let help = """
    \(usage)

    Serves users.v1.UserService and grpc.health.v1.Health over gRPC. Prints `listening on ADDRESS`
    for each address when it is ready. SIGTERM or SIGINT stops it: running calls finish first, a
    second signal ends them at once.

      --host HOST    the address to listen on (default: 127.0.0.1)
      --port PORT    the port; 0 takes a free one (default: 50052)
      --socket PATH  listen on this Unix socket, too
      --data FILE    the SQLite database with the users, made when it is not there; :memory: keeps
                     them in memory only (default: users.db in the current folder)
      --loops N      threads that serve connections, 1 to 64 (default: 1)
      --tls-cert FILE, --tls-key FILE
                     serve with TLS: the certificate, with its chain, and its key, in PEM; read
                     again when they change
      --tls-client-ca FILE
                     serve only clients whose certificate these authorities signed
      --metrics HOST:PORT
                     answer GET /metrics there, for Prometheus and the like; port 0 takes a free one
      --access-log text|json
                     write a line for each call to standard error
      --jwt-keys FILE
                     take calls with a JSON Web Token only, signed with one of these public keys: PEM, or
                     a JSON Web Key Set in a file named *.json; read again when it changes
      --jwt-secret FILE
                     the same with a shared secret of 32 bytes or more (HS256)
      --jwt-audience NAME
                     whom tokens have to be for; without it they are for nobody in particular
      --help         print this
    """

  private static let flags = [
    "--host", "--port", "--socket", "--data", "--loops", "--tls-cert", "--tls-key",
    "--tls-client-ca", "--metrics", "--access-log", "--jwt-keys", "--jwt-secret", "--jwt-audience",
  ]

  private(set) var host = "127.0.0.1"
  private(set) var port: UInt16 = 50052
  private(set) var socket: String?
  private(set) var data = "users.db"
  private(set) var loops = 1

  /// Where metrics are served; nil for nowhere.
  private(set) var metrics: SocketAddress?
  private(set) var accessLog: AccessLog?

  /// The keys of the tokens that callers need; nil for calls without any.
  private(set) var tokenKeys: TokenKeys?
  private(set) var audience: String?

  /// The certificate to show; nil for plaintext.
  private(set) var tls: ServerTLS?

  /// Where to listen, TCP first.
  var addresses: [SocketAddress] {
    [.tcp(host: host, port: port)] + (socket.map { [.unix(path: $0)] } ?? [])
  }

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = arguments.makeIterator()
    var files: [String: String] = [:]
    while let flag = rest.next() {
      guard Self.flags.contains(flag) else {
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
      case "--metrics": metrics = try Self.address(value, for: flag)
      case "--access-log": accessLog = try Self.accessLog(value)
      case "--loops": loops = try Self.number(value, in: 1...64, for: flag)
      default: files[flag] = value
      }
    }
    tokenKeys = try Self.tokenKeys(
      files.removeValue(forKey: "--jwt-keys"), secret: files.removeValue(forKey: "--jwt-secret"))
    audience = files.removeValue(forKey: "--jwt-audience")
    guard tokenKeys != nil || audience == nil else {
      throw UsageError("--jwt-audience needs --jwt-keys or --jwt-secret")
    }
    tls = try Self.tls(files)
  }

  private static func tls(_ files: [String: String]) throws(UsageError) -> ServerTLS? {
    guard !files.isEmpty else { return nil }
    guard let certificate = files["--tls-cert"], let key = files["--tls-key"] else {
      throw UsageError("--tls-cert and --tls-key belong together, and --tls-client-ca needs both")
    }
    var tls = ServerTLS(certificateChain: .file(certificate), privateKey: .file(key))
    if let authorities = files["--tls-client-ca"] {
      tls.clientAuthentication = .required(authorities: .file(authorities))
    }
    return tls
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

  private static func address(
    _ text: String, for flag: String
  ) throws(UsageError) -> SocketAddress {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
      throw UsageError("\(flag) \(text): HOST:PORT is wanted")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let port: UInt16 = try number(
      String(text[text.index(after: colon)...]), in: 0...UInt16.max, for: flag)
    return .tcp(host: String(host), port: port)
  }

  private static func accessLog(_ form: String) throws(UsageError) -> AccessLog {
    switch form {
    case "text": .text
    case "json": .json
    default: throw UsageError("--access-log \(form): text or json is wanted")
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
