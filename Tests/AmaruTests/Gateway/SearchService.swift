// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenRules

/// Answers with what it was asked: a message of every kind of field.
struct SearchService: Service {
  let handlers: [Handler] = [.unary(LibraryMethods.search) { query, _ in query }]

  /// A client of an app with the service alone, at `/lib/searchservice/search`.
  static func client(_ limits: Limits = Limits(), coding: ContentCoding = .identity) throws -> TestClient {
    var options = ServerOptions()
    options.limits = limits
    options.responseCoding = coding
    let gateway = GRPCGateway(path: "/lib", services: [SearchService()], exposeHTTP: true)
    return try TestClient(GatewayApp([gateway], options: options))
  }
}
