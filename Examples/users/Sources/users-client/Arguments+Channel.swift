// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc

extension Arguments {
  /// A call that is safe to make twice is made up to five times, with growing waits between.
  private static let retryConfig = """
    {"methodConfig": [{
      "name": [
        {"service": "users.v1.UserService", "method": "GetUser"},
        {"service": "users.v1.UserService", "method": "ListUsers"}
      ],
      "retryPolicy": {
        "maxAttempts": 5, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"]
      }
    }]}
    """

  /// The channel that the flags describe.
  /// - Throws: ``RPCError`` when the target or a file cannot be used.
  func channel() throws(RPCError) -> ClientChannel {
    var options = ChannelOptions()
    options.loadBalancer = balancer
    options.tls = tls
    options.userAgentPrefix = "users-client"
    if breaks { options.circuitBreaker = CircuitBreaker() }
    if retries { options.serviceConfig = try ServiceConfig(json: Self.retryConfig) }
    if let tokenFile { options.credentials = BearerToken { try Self.token(tokenFile) } }
    return try ClientChannel(target, options: options)
  }

  /// The token in a file, which another program may renew.
  private static func token(_ path: String) throws(RPCError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RPCError(
        .unauthenticated,
        "the token file \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0, count < buffer.count else {
      throw RPCError(.unauthenticated, "the token file \(path) is empty or too long")
    }
    let isBlank: (UInt8) -> Bool = { $0 <= 0x20 }
    let token = buffer[..<count].drop(while: isBlank).prefix { !isBlank($0) }
    return String(decoding: token, as: UTF8.self)
  }
}
