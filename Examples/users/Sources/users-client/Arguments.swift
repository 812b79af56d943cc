// SPDX-License-Identifier: Apache-2.0
import Amaru

/// What the command line says.
struct Arguments {
  static let usage = "usage: users-client [FLAG VALUE]... [COMMAND]"
  static let help = """
    \(usage)

    Calls users.v1.UserService over gRPC. The exit status is 0 when all went well, 1 when a call failed or
    an answer was wrong, 2 when the command line is wrong.

    commands:
      demo                   each kind of RPC once, every answer checked (the default)
      interactive            commands with editing, history and completion, and a live chat; at a terminal
                             its exit status is 0
      get ID                 prints a user
      create NAME EMAIL      creates a user and prints it
      list [--limit N]       prints users
      load [--rate N] [--seconds S]
                             calls GetUser and ListUsers at a steady rate (100 a second, for 10) and prints
                             every second how many calls went well, and where

    flags:
      --target TARGET        dns:///HOST:PORT, HOST:PORT, ipv4:ADDRESS:PORT,ADDRESS:PORT..., unix:PATH
                             (default: 127.0.0.1:50051)
      --balancer POLICY      pick_first, round_robin or least_requests (default: pick_first)
      --retries              makes GetUser and ListUsers again, up to 4 times, when a server fails
      --breaker              sends a server that fails too often no calls for a while
      --tls-ca FILE          speaks TLS, and trusts these authorities (PEM)
      --tls-cert FILE, --tls-key FILE
                             shows this certificate to a server that asks for one; needs --tls-ca
      --token FILE           sends the bearer token in this file, which is read for each call
      --help                 prints this
    """

  /// What to do.
  enum Command: Hashable {
    case demo, interactive
    case get(Int64)
    case create(name: String, email: String)
    case list(limit: Int32)
    case load(rate: Int, seconds: Int)
  }

  private static let flags = [
    "--target", "--balancer", "--tls-ca", "--tls-cert", "--tls-key", "--token", "--limit", "--rate",
    "--seconds",
  ]

  private(set) var command = Command.demo
  private(set) var target = "127.0.0.1:50051"
  private(set) var balancer: any LoadBalancer = PickFirst()
  private(set) var retries = false
  private(set) var breaks = false
  private(set) var tls: ClientTLS?
  private(set) var tokenFile: String?

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var rest = arguments.makeIterator()
    var words: [String] = []
    var values: [String: String] = [:]
    while let word = rest.next() {
      if word == "--retries" {
        retries = true
      } else if word == "--breaker" {
        breaks = true
      } else if Self.flags.contains(word) {
        guard let value = rest.next(), !value.isEmpty else {
          throw UsageError("\(word) needs a value")
        }
        values[word] = value
      } else if word.hasPrefix("--") {
        throw UsageError("\(word) is not a flag; --help lists them")
      } else {
        words.append(word)
      }
    }
    target = values["--target"] ?? target
    tokenFile = values["--token"]
    balancer = try Self.balancer(values["--balancer"] ?? "pick_first")
    tls = try Self.tls(values)
    command = try Self.command(words, values)
  }

  private static func balancer(_ name: String) throws(UsageError) -> any LoadBalancer {
    switch name {
    case "pick_first": PickFirst()
    case "round_robin": RoundRobin()
    case "least_requests": LeastRequests()
    default:
      throw UsageError("--balancer \(name): there are pick_first, round_robin and least_requests")
    }
  }

  private static func tls(_ values: [String: String]) throws(UsageError) -> ClientTLS? {
    let (certificate, key) = (values["--tls-cert"], values["--tls-key"])
    guard let authorities = values["--tls-ca"] else {
      guard certificate == nil, key == nil else {
        throw UsageError("--tls-cert and --tls-key need --tls-ca")
      }
      return nil
    }
    var tls = ClientTLS(trust: .authorities(.file(authorities)))
    if let certificate, let key {
      tls.credentials = .init(certificateChain: .file(certificate), privateKey: .file(key))
    } else if certificate != nil || key != nil {
      throw UsageError("--tls-cert and --tls-key belong together")
    }
    return tls
  }

  private static func command(
    _ words: [String], _ values: [String: String]
  ) throws(UsageError) -> Command {
    let name = words.first ?? "demo"
    for (flag, owner) in [("--limit", "list"), ("--rate", "load"), ("--seconds", "load")]
    where values[flag] != nil && name != owner {
      throw UsageError("\(flag) belongs to \(owner)")
    }
    let operands = Array(words.dropFirst())
    switch (name, operands.count) {
    case ("demo", 0): return .demo
    case ("interactive", 0): return .interactive
    case ("get", 1): return .get(try number(operands[0], in: .min ... .max, for: "get"))
    case ("create", 2): return .create(name: operands[0], email: operands[1])
    case ("list", 0):
      return .list(limit: try number(values["--limit"] ?? "0", in: .min ... .max, for: "--limit"))
    case ("load", 0):
      return .load(
        rate: try number(values["--rate"] ?? "100", in: 1...10_000, for: "--rate"),
        seconds: try number(values["--seconds"] ?? "10", in: 1...86_400, for: "--seconds"))
    case ("demo", _), ("interactive", _), ("get", _), ("create", _), ("list", _), ("load", _):
      throw UsageError("\(name) has the wrong number of words behind it; --help says which")
    default: throw UsageError("\(name) is not a command; --help lists them")
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
