// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO

extension Server {
  /// A channel to this server inside the process: no port, no address, everything else as it is in production,
  /// HTTP/2 and TLS too. Made for tests.
  ///
  /// ```swift
  /// let server = try Server([GreeterService()])
  /// let client = GreeterClient(try await server.inMemoryChannel())
  /// ```
  ///
  /// A server that has not started does, and then listens on no address. The channel must be closed before the
  /// server's shutdown is to end at once; it may be made as often as wanted.
  /// - Throws: ``RPCError``, ``ServerError`` when the server cannot start; calls fail with `UNAVAILABLE` after it has
  ///   stopped.
  public func inMemoryChannel(
    options: ChannelOptions = ChannelOptions()
  ) async throws -> ClientChannel {
    try startInMemory()
    let target = ChannelTarget { [weak self] loop throws(IOError) in
      guard let self else {
        throw IOError("connect inside the process", reason: "the server is gone")
      }
      let (near, far) = try StreamSocket.pair()
      let socket = StreamSocket(descriptor: near, loop: loop)
      accept(far)
      return socket
    }
    return try ClientChannel(target, options)
  }

  /// Has `body` run on one of the loops with the near end of a connection inside the process. A server that has not started
  /// does, and then listens on no address.
  func connectInMemory(
    _ body: @escaping @Sendable (StreamSocket, EventLoop) -> Void
  ) throws {
    try startInMemory()
    guard let loop = someLoop else { throw ServerError("the server has stopped; make a new one") }
    let (near, far) = try StreamSocket.pair()
    accept(far)
    loop.enqueueTask { body(StreamSocket(descriptor: near, loop: loop), loop) }
  }
}
