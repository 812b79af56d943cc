// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A listening socket on one loop. Several loops share a TCP port by `SO_REUSEPORT`, and a Unix socket by
/// descriptors of the same socket.
package final class Listener: EventSource {
  /// Connections accepted in one go before others get their turn.
  private static let maxAcceptsPerTurn = 64
  private static let backlog: Int32 = 4096

  private unowned let loop: EventLoop
  private let isShared: Bool
  private let accept: (StreamSocket, PeerAddress) -> Void
  /// A descriptor kept in reserve: given up for a moment when there are no others, so that a connection
  /// that cannot be served is refused and not left to wake the loop for ever.
  private var reserve: Int32 = -1
  private var isPaused = false

  private init(
    descriptor: Int32, loop: EventLoop, isShared: Bool,
    accept: @escaping (StreamSocket, PeerAddress) -> Void
  ) {
    self.loop = loop
    self.isShared = isShared
    self.accept = accept
    super.init(descriptor: descriptor)
    reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
  }

  deinit { if reserve >= 0 { Glibc.close(reserve) } }

  /// The address with the port that the system chooses, after a look whether it is free.
  ///
  /// Sockets that share a port would also share it with another process that does so: without this, two servers
  /// would divide the connections between them and nobody be told.
  package static func reserve(_ address: SocketAddress) throws(IOError) -> SocketAddress {
    let bound = try bind(address, reusesPort: false)
    Glibc.close(bound.descriptor)
    return bound.address
  }

  /// A bound and listening descriptor for `address`, and the address with the port that the system chose.
  package static func bind(
    _ address: SocketAddress, reusesPort: Bool
  ) throws(IOError) -> (descriptor: Int32, address: SocketAddress) {
    let resolved = try address.resolved()
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(resolved.family, kind, 0)
    guard descriptor >= 0 else { throw IOError("open a socket for \(address)") }
    var one: Int32 = 1
    if case .tcp = address {
      let size = socklen_t(MemoryLayout<Int32>.size)
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
      if reusesPort { setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, size) }
    }
    func bindOnce() -> Bool {
      resolved.withSystemAddress { Glibc.bind(descriptor, $0, $1) == 0 }
    }
    var isBound = bindOnce()
    if !isBound, errno == EADDRINUSE, case .unix(let path) = address,
      isSocket(path), !isAnswered(resolved)
    {
      // A socket file that a server which is gone has left.
      unlink(path)
      isBound = bindOnce()
    }
    guard isBound, Glibc.listen(descriptor, backlog) == 0 else {
      let error = IOError("listen on \(address)")
      Glibc.close(descriptor)
      throw error
    }
    guard case .tcp(let host, _) = address else { return (descriptor, address) }
    var bound = sockaddr_storage()
    var boundLength = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &bound) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &boundLength)
      }
    }
    guard case .tcp(_, let port)? = PeerAddress(bound).tcp else { return (descriptor, address) }
    return (descriptor, .tcp(host: host, port: port))
  }

  /// Accepts the connections of `descriptor` on `loop`; the listener closes it. Of loops that share a socket,
  /// one is woken for a connection.
  package static func start(
    _ descriptor: Int32, on loop: EventLoop, isShared: Bool,
    accept: @escaping (StreamSocket, PeerAddress) -> Void
  ) throws(IOError) -> Listener {
    let listener = Listener(
      descriptor: descriptor, loop: loop, isShared: isShared, accept: accept)
    try loop.add(listener, events: listener.events)
    return listener
  }

  /// Accepts every connection that waits in the system's queue.
  package func acceptWaiting() { while !isClosed, !isPaused, acceptOne() {} }

  /// Another descriptor of the socket of `descriptor`, for another loop.
  package static func share(_ descriptor: Int32) throws(IOError) -> Int32 {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw IOError("share a socket") }
    return copy
  }

  /// Stops accepting. Connections that wait in the system's queue are refused when the last descriptor of
  /// the address is closed.
  package func close() { loop.remove(self) }

  /// Leaves new connections in the system's queue, or takes them again.
  package func setPaused(_ paused: Bool) {
    guard paused != isPaused, !isClosed else { return }
    isPaused = paused
    loop.setWatched(self, !paused, events: events)
  }

  private var events: UInt32 { EPOLLIN.rawValue | (isShared ? 1 << 28 : 0) }  // EPOLLEXCLUSIVE

  override func ready(_ events: UInt32, on loop: EventLoop) {
    for _ in 0..<Self.maxAcceptsPerTurn where !isPaused && !isClosed {
      guard acceptOne() else { return }
    }
  }

  /// Accepts one connection, or refuses one for which there is no descriptor; false when none waits.
  private func acceptOne() -> Bool {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let connection = amaru_accept(descriptor, &storage, &length)
    guard connection >= 0 else {
      if errno == EMFILE || errno == ENFILE { return refuseOne() }
      return errno == EINTR || errno == ECONNABORTED
    }
    if storage.ss_family != sa_family_t(AF_UNIX) { StreamSocket.setNoDelay(connection) }
    accept(StreamSocket(descriptor: connection, loop: loop), PeerAddress(storage))
    return true
  }

  /// Closes the connection at the head of the queue with the help of the descriptor in reserve.
  private func refuseOne() -> Bool {
    guard reserve >= 0 else { return false }
    Glibc.close(reserve)
    let connection = amaru_accept(descriptor, nil, nil)
    if connection >= 0 { Glibc.close(connection) }
    reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
    return connection >= 0
  }

  /// Whether `path` is a socket, and not a file that somebody needs.
  private static func isSocket(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  /// Whether a server answers at a Unix socket's address.
  private static func isAnswered(_ address: ResolvedAddress) -> Bool {
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(probe) }
    return address.withSystemAddress { connect(probe, $0, $1) == 0 || errno != ECONNREFUSED }
  }
}
