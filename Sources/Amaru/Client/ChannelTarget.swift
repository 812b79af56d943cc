// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import AmaruSharedMemory

/// What a channel's target says. Source: `naming.md` of gRPC.
struct ChannelTarget {
  /// The port where the target names none.
  static let defaultPort: UInt16 = 443

  /// Makes a connection on a loop.
  typealias Dial = @Sendable (EventLoop) throws(IOError) -> StreamSocket

  let resolver: any Resolver
  /// The host that calls are for.
  let authority: String
  /// Makes a connection inside this process; nil where addresses are connected to.
  let dial: Dial?

  /// Reads `dns:///host:port`, `host:port`, `ipv4:1.2.3.4:50051,...`, `ipv6:[::1]:50051,...`, `unix:path`,
  /// `unix:///absolute/path` and `shm:name`.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, that says what is wrong.
  init(_ target: String) throws(RPCError) {
    let parts = target.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let scheme = parts.count == 2 ? String(parts[0]) : ""
    let rest = parts.count == 2 ? String(parts[1]) : ""
    switch scheme {
    case "dns":
      // dns:[//authority/]host[:port]
      var name = rest
      if rest.hasPrefix("//") {
        let path = rest.dropFirst(2).split(
          separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard path.count == 2 else { throw Self.bad(target, "write dns:///host:port") }
        guard path[0].isEmpty else {
          throw Self.bad(target, "a name server cannot be chosen; write dns:///host:port")
        }
        name = String(path[1])
      }
      self = try Self.dns(name, target)
    case "ipv4", "ipv6":
      var addresses: [SocketAddress] = []
      for item in rest.split(separator: ",", omittingEmptySubsequences: false) {
        let (host, port) = try Self.hostAndPort(String(item), target)
        do throws(IOError) {
          let found = try ResolvedAddress.lookUp(host: host, port: port, isNumeric: true)
          guard found.allSatisfy({ $0.isIPv6 == (scheme == "ipv6") }) else {
            throw IOError("use \(host)", reason: "it is not an \(scheme) address")
          }
        } catch {
          throw Self.bad(target, error.description)
        }
        addresses.append(.tcp(host: host, port: port))
      }
      self.init(FixedResolver(addresses), authority: addresses.first?.description ?? "")
    case "unix":
      let path = rest.hasPrefix("//") ? String(rest.dropFirst(2)) : rest
      guard !path.isEmpty, rest == path || path.hasPrefix("/") else {
        throw Self.bad(target, "write unix:path or unix:///absolute/path")
      }
      self.init(FixedResolver([.unix(path: path)]), authority: "localhost")
    case "shm":
      do throws(SharedMemoryError) {
        _ = try ServiceName(rest)
      } catch {
        throw Self.bad(target, "\(error)")
      }
      self.init(FixedResolver([.sharedMemory(rest)]), authority: "localhost")
    default:
      guard !rest.hasPrefix("//") else {
        throw Self.bad(
          target, "the scheme '\(scheme)' is not known; there are dns, ipv4, ipv6, unix and shm")
      }
      self = try Self.dns(target, target)
    }
  }

  init(_ resolver: any Resolver, authority: String) {
    self.resolver = resolver
    self.authority = authority
    dial = nil
  }

  /// Connections inside this process, which `dial` makes.
  init(dial: @escaping Dial) {
    resolver = FixedResolver([])
    authority = "localhost"
    self.dial = dial
  }

  private static func dns(_ name: String, _ target: String) throws(RPCError) -> ChannelTarget {
    let (host, port) = try hostAndPort(name, target)
    return ChannelTarget(
      DNSResolver(host: host, port: port),
      authority: SocketAddress.tcp(host: host, port: port).description)
  }

  /// `host`, `host:port`, `1.2.3.4:port`, `[::1]` or `[::1]:port`.
  private static func hostAndPort(
    _ text: String, _ target: String
  ) throws(RPCError) -> (host: String, port: UInt16) {
    var host = text
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw bad(target, "a ] is missing") }
      host = String(text[text.index(after: text.startIndex)..<end])
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw bad(target, "a : is missing after ]") }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.lastIndex(of: ":") {
      host = String(text[..<colon])
      port = text[text.index(after: colon)...]
      guard !host.contains(":") else {
        throw bad(target, "write an IPv6 address in brackets: [::1]:50051")
      }
    }
    guard !host.isEmpty, host.utf8.count <= 253,
      host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2f })
    else { throw bad(target, "a host name is missing or malformed") }
    guard let port else { return (host, defaultPort) }
    guard let number = UInt16(port), number > 0 else {
      throw bad(target, "'\(port)' is not a port; write a number from 1 to 65535")
    }
    return (host, number)
  }

  private static func bad(_ target: String, _ reason: String) -> RPCError {
    RPCError(.invalidArgument, "the target '\(target)' cannot be used: \(reason)")
  }
}
