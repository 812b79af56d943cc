// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Glibc
import Testing

@testable import AmaruIO

struct AddressTests {
  @Test(arguments: [
    (SocketAddress.tcp(host: "127.0.0.1", port: 80), "127.0.0.1:80"),
    (.tcp(host: "::1", port: 80), "[::1]:80"), (.tcp(host: "example", port: 0), "example:0"),
    (.unix(path: "/tmp/x"), "unix:/tmp/x"),
  ])
  func addressesAreWrittenAsURLsHaveThem(_ address: SocketAddress, _ text: String) {
    #expect(address.description == text)
  }

  @Test func peersAreWrittenAsGRPCNamesThem() {
    var storage = sockaddr_storage()
    storage.ss_family = sa_family_t(AF_UNIX)
    #expect(PeerAddress(storage).description == "unix:")
    withUnsafeMutableBytes(of: &storage) { raw in
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(5000).bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      raw.storeBytes(of: address, as: sockaddr_in.self)
    }
    #expect(PeerAddress(storage).description == "ipv4:127.0.0.1:5000")
    withUnsafeMutableBytes(of: &storage) { raw in
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = UInt16(5000).bigEndian
      address.sin6_addr = in6addr_loopback
      raw.storeBytes(of: address, as: sockaddr_in6.self)
    }
    #expect(PeerAddress(storage).description == "ipv6:[::1]:5000")
  }

  @Test(arguments: ["", String(repeating: "x", count: 108)])
  func aPathThatDoesNotFitIsAnError(_ path: String) {
    let error = #expect(throws: IOError.self) { try SocketAddress.unix(path: path).resolved() }
    #expect(error?.code == ENAMETOOLONG)
  }

  @Test func theLongestPathFits() throws {
    let path = String(repeating: "x", count: 107)
    #expect(try SocketAddress.unix(path: path).resolved().family == AF_UNIX)
  }

  @Test func anErrorSaysWhatWasTriedWhyItFailedAndTheCure() {
    let text = IOError("listen on 127.0.0.1:1", code: EADDRINUSE).description
    #expect(text.hasPrefix("cannot listen on 127.0.0.1:1: Address already in use; "))
    #expect(IOError("x", code: EIO).description == "cannot x: Input/output error")
  }
}

@Suite(.ownThread)
struct ListenerTests {
  private func connected(to path: String) -> Int32? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard let resolved = try? SocketAddress.unix(path: path).resolved() else { return nil }
    let result = resolved.withSystemAddress { connect(descriptor, $0, $1) }
    if result == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  @Test func aPortThatIsTakenIsAnError() throws {
    let address = SocketAddress.tcp(host: "127.0.0.1", port: FreePort.next())
    let (descriptor, _) = try Listener.bind(address, reusesPort: false)
    defer { close(descriptor) }
    let error = #expect(throws: IOError.self) { try Listener.bind(address, reusesPort: false) }
    #expect(error?.code == EADDRINUSE)
  }

  @Test func aSharedPortMayBeBoundAgain() throws {
    let address = SocketAddress.tcp(host: "127.0.0.1", port: FreePort.next())
    let first = try Listener.bind(address, reusesPort: true)
    let second = try Listener.bind(address, reusesPort: true)
    #expect(first.address == address && second.address == address)
    close(first.descriptor)
    close(second.descriptor)
  }

  @Test func aSocketFileThatIsStaleIsReplacedAndALiveOneIsAnError() throws {
    let address = SocketAddress.unix(path: freePath())
    defer { address.removeSocketFile() }
    let first = try Listener.bind(address, reusesPort: false)
    let error = #expect(throws: IOError.self) { try Listener.bind(address, reusesPort: false) }
    #expect(error?.code == EADDRINUSE)
    close(first.descriptor)
    let second = try Listener.bind(address, reusesPort: false)
    close(second.descriptor)
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() throws {
    let path = freePath()
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
    #expect(write(descriptor, "data", 4) == 4)
    close(descriptor)
    defer { unlink(path) }
    #expect(throws: IOError.self) { try Listener.bind(.unix(path: path), reusesPort: false) }
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_size == 4)
  }

  @Test func anUnknownHostIsAnError() {
    #expect(throws: IOError.self) {
      try Listener.bind(.tcp(host: "no such host", port: 0), reusesPort: false)
    }
  }

  /// The events that some epoll of this process waits for on `descriptor`, as the kernel tells it.
  private func watchedEvents(_ descriptor: Int32) -> [String] {
    guard let folder = opendir("/proc/self/fdinfo") else { return [] }
    defer { closedir(folder) }
    var found: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard let file = fopen("/proc/self/fdinfo/\(name)", "r") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, Int32(line.count), file) != nil {
        let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let words = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\t" || $0 == "\n" }
        if words.count > 3, words[0] == "tfd:", words[1] == "\(descriptor)" {
          found.append(String(words[3]))
        }
      }
    }
    return found
  }

  @Test(arguments: [false, true])
  func aPausedListenerDoesNotWakeItsLoop(_ isShared: Bool) throws {
    let address = SocketAddress.unix(path: freePath())
    defer { address.removeSocketFile() }
    guard case .unix(let path) = address else { return }
    let loop = try EventLoop()
    let bound = try Listener.bind(address, reusesPort: false)
    var accepted = 0
    let listener = try Listener.start(bound.descriptor, on: loop, isShared: isShared) { socket, _ in
      accepted += 1
      close(socket.descriptor)
    }
    listener.setPaused(true)
    let client = try #require(connected(to: path))
    defer { close(client) }
    // Level-triggered: if it were still watched, every turn would end at once.
    let watched = watchedEvents(bound.descriptor)
    let watchesReads = watched.contains { events in (Int(events, radix: 16) ?? 1) & 1 != 0 }
    #expect(!watchesReads, "\(watched)")
    listener.acceptWaiting()
    #expect(accepted == 0)
    listener.setPaused(false)
    #expect(!watchedEvents(bound.descriptor).isEmpty)
    listener.acceptWaiting()
    #expect(accepted == 1)
    listener.close()
  }
}
