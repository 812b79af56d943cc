// SPDX-License-Identifier: Apache-2.0
import Amaru

/// How the service is served to the tests.
enum DoorServer {
  /// Bytes of a message, so that the limit is met over every door.
  static let maxMessageBytes = 64 << 10
  /// The key of the tokens (`HS256`).
  static let secret = Array("the doors' secret, of 32 bytes and more".utf8)

  /// A server that listens on `address`, and on `secureAddress` with TLS.
  static func options() throws -> ServerOptions {
    var options = ServerOptions()
    options.limits.maxReceivedMessageBytes = maxMessageBytes
    options.limits.maxConcurrentStreams = 1000
    var rules = TokenRules()
    rules.openMethods.formUnion(
      DoorService().handlers.map(\.method.fullName).filter { !$0.hasSuffix("/Secret") })
    options.interceptors = [
      DoorInterceptor(name: "outer"),
      try TokenAuthenticator(keys: .secret(secret), rules: rules),
      DoorInterceptor(name: "inner"),
    ]
    var routes = HTTPRoutes()
    routes.add(DoorService(), under: "/grpc")
    options.httpRoutes = routes
    return options
  }
}
