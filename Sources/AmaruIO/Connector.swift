// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A connection that is being made. Confined to its loop.
package final class Connector: EventSource {
  private let loop: EventLoop
  private let address: ResolvedAddress
  private let done: (Result<StreamSocket, IOError>) -> Void

  /// Begins to connect to `address`; `done` is called once, later, unless ``cancel()`` comes first.
  package static func start(
    _ address: ResolvedAddress, on loop: EventLoop,
    done: @escaping (Result<StreamSocket, IOError>) -> Void
  ) throws(IOError) -> Connector {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.family, kind, 0)
    guard descriptor >= 0 else { throw IOError("open a socket for \(address)") }
    if address.family != AF_UNIX { StreamSocket.setNoDelay(descriptor) }
    let result = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 || errno == EINPROGRESS else {
      let error = IOError("connect to \(address)")
      close(descriptor)
      throw error
    }
    let connector = Connector(descriptor, loop, address, done)
    do throws(IOError) {
      try loop.add(connector, events: EPOLLOUT.rawValue)
    } catch {
      close(descriptor)
      throw error
    }
    return connector
  }

  private init(
    _ descriptor: Int32, _ loop: EventLoop, _ address: ResolvedAddress,
    _ done: @escaping (Result<StreamSocket, IOError>) -> Void
  ) {
    self.loop = loop
    self.address = address
    self.done = done
    super.init(descriptor: descriptor)
  }

  /// Gives the attempt up.
  package func cancel() { loop.remove(self) }

  override func ready(_ events: UInt32, on loop: EventLoop) {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else {
      loop.remove(self)
      done(.failure(IOError("connect to \(address)", code: code)))
      return
    }
    loop.remove(self, closesDescriptor: false)
    done(.success(StreamSocket(descriptor: descriptor, loop: loop)))
  }
}
