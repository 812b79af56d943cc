// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// Which methods of a server can be called by plain HTTP and JSON, and by which paths.
///
/// ```swift
/// var routes = HTTPRoutes()                       // the rules of google.api.http in the .proto files
/// routes.add(greeter, under: "/grpc")           // POST /grpc/greeterservice/sayhello
/// options.httpRoutes = routes
/// ```
public struct HTTPRoutes: Sendable {
  /// The HTTP methods that a path of ``add(_:under:httpMethods:)`` takes unless it is told others.
  public static let allMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

  /// Whether the rules of `google.api.http` that methods carry in their `.proto` files are routes.
  public var followsRules = true
  /// Rules with a `selector` (`package.Service.Method`), which come in place of those in the `.proto` files.
  public var rules: [Google_Api_HttpRule] = []
  /// What ``add(_:under:httpMethods:)`` was told.
  package private(set) var mounts: [Mount] = []

  /// A service at a path.
  package struct Mount: Sendable {
    /// The name of its type in lower case: a segment of the path.
    package let name: String
    /// What stands in front of the name: `/grpc`, or nothing.
    package let path: String
    package let httpMethods: [String]
    /// The full names of its methods: `package.Service/Method`.
    package let methods: [String]
  }

  /// The rules of the `.proto` files alone.
  public init() {}

  /// Serves the methods of `service` at `{path}/{type}/{method}`, type and method in lower case: `POST` and the like take
  /// the request message as JSON, `GET` takes it from the query.
  ///
  /// - Parameters:
  ///   - path: Where the services begin, such as `/grpc` or `/api/v1/grpc`. Slashes at its ends do not count.
  ///   - httpMethods: What is allowed; all else is answered with 405.
  public mutating func add(
    _ service: any Service, under path: String, httpMethods: [String] = allMethods
  ) {
    let trimmed = path.split(separator: "/").map { "/" + $0 }.joined()
    mounts.append(
      Mount(
        name: String(describing: type(of: service)).lowercased(), path: trimmed,
        httpMethods: httpMethods.map { $0.uppercased() },
        methods: service.handlers.map { $0.method.fullName }))
  }
}
