// SPDX-License-Identifier: Apache-2.0
import Amaru

/// What the command line says.
struct Arguments {
  static let usage = """
    usage: users-server [--host HOST] [--port PORT] [--socket PATH] [--data FILE] [--loops N] \
    [--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]]
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
      --help         print this
    """

  private static let flags = [
    "--host", "--port", "--socket", "--data", "--loops", "--tls-cert", "--tls-key",
    "--tls-client-ca",
  ]

  private(set) var host = "127.0.0.1"
  private(set) var port: UInt16 = 50052
  private(set) var socket: String?
  private(set) var data = "users.db"
  private(set) var loops = 1

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
      case "--loops": loops = try Self.number(value, in: 1...64, for: flag)
      default: files[flag] = value
      }
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
