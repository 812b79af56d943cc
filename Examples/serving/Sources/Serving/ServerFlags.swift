// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The part of a command line that all servers have: where to listen, with what certificate, and what is told of it.
public struct ServerFlags {
  public static let usage = """
    [--host HOST] [--port PORT] [--socket PATH] [--loops N] \
    [--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]] [--cors ORIGIN]... \
    [--metrics HOST:PORT] [--access-log text|json]
    """
  public static let help = """
      --host HOST    the address to listen on (default: 127.0.0.1)
      --port PORT    the port; 0 takes a free one (default: 50051)
      --socket PATH  listen on this Unix socket, too
      --loops N      threads that serve connections, 1 to 64 (default: 1)
      --tls-cert FILE, --tls-key FILE
                     serve with TLS: the certificate, with its chain, and its key, in PEM; read
                     again when they change
      --tls-client-ca FILE
                     serve only clients whose certificate these authorities signed
      --cors ORIGIN  let pages of this origin call from a browser; repeat it for each, * for all
      --metrics HOST:PORT
                     answer GET /metrics there, for Prometheus and the like; port 0 takes a free one
      --access-log text|json
                     write a line for each call to standard error
      --help         print this
    """

  public private(set) var host = "127.0.0.1"
  public private(set) var port: UInt16 = 50051
  public private(set) var socket: String?
  public private(set) var loops = 1
  /// Which pages of other origins may call; nil for none.
  public private(set) var cors: CORS?
  /// Where metrics are served; nil for nowhere.
  public private(set) var metrics: SocketAddress?
  public private(set) var accessLog: AccessLog?
  /// The certificate to show; nil for plaintext.
  public private(set) var tls: ServerTLS?

  /// Reads the arguments after the program's name.
  /// - Parameter take: takes a flag of the program's own with its value, which is not empty; false when it is none.
  public init(
    _ arguments: some Sequence<String>,
    take: (_ flag: String, _ value: String) throws(UsageError) -> Bool = { _, _ in false }
  ) throws(UsageError) {
    var rest = arguments.makeIterator()
    var files: [String: String] = [:]
    while let flag = rest.next() {
      let value = rest.next() ?? ""
      if value.isEmpty, flag.hasPrefix("--") { throw UsageError("\(flag) needs a value") }
      switch flag {
      case "--host": host = value
      case "--port": port = try Self.port(value, for: flag)
      case "--socket": socket = value
      case "--loops": loops = try Self.number(value, in: 1...64, for: flag)
      case "--cors": allow(value)
      case "--metrics": metrics = try Self.address(value, for: flag)
      case "--access-log": accessLog = try Self.accessLog(value)
      case "--tls-cert", "--tls-key", "--tls-client-ca": files[flag] = value
      default:
        guard try take(flag, value) else {
          throw UsageError("\(flag) is not a flag; --help lists them")
        }
      }
    }
    tls = try Self.tls(files)
  }

  /// Where to listen, TCP first.
  public var addresses: [SocketAddress] {
    [.tcp(host: host, port: port)] + (socket.map { [.unix(path: $0)] } ?? [])
  }

  /// What the flags ask of a server, which serves reflection too.
  public var options: ServerOptions {
    var options = ServerOptions()
    options.addresses = addresses
    options.loops = loops
    options.tls = tls
    options.cors = cors
    options.servesReflection = true
    options.metricsAddress = metrics
    options.accessLog = accessLog
    return options
  }

  /// The number of a port.
  public static func port(_ text: String, for flag: String) throws(UsageError) -> UInt16 {
    try number(text, in: 0...UInt16.max, for: flag)
  }

  private mutating func allow(_ origin: String) {
    var allowed = cors ?? CORS(origins: [])
    if origin == "*" { allowed.origins = nil } else { allowed.origins?.insert(origin) }
    cors = allowed
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

  private static func address(
    _ text: String, for flag: String
  ) throws(UsageError) -> SocketAddress {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
      throw UsageError("\(flag) \(text): HOST:PORT is wanted")
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    let port = try port(String(text[text.index(after: colon)...]), for: flag)
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
