// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension Channel where Self == ClientChannel {
  /// A channel to the service that listens under a name on this machine's shared memory, connected already.
  ///
  /// ```swift
  /// let greeter = GreeterClient(try await .sharedMemory("greeter"))
  /// ```
  ///
  /// ``ChannelOptions/tls``, keepalive and compression mean nothing to it: both ends are processes of one user.
  /// - Throws: ``RPCError``: `UNAVAILABLE` when nobody listens, or the server refuses; `INVALID_ARGUMENT` for a name
  ///   that cannot be one.
  public static func sharedMemory(
    _ name: String, options: ChannelOptions = ChannelOptions()
  ) async throws -> ClientChannel {
    let channel = try ClientChannel("shm:\(name)", options: options)
    try await channel.waitUntilReady()
    return channel
  }
}
