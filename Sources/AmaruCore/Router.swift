// SPDX-License-Identifier: Apache-2.0

/// Finds the handler for a method's name.
public struct Router: Sendable {
  private let handlers: [String: Handler]
  private let services: Set<String>
  /// The methods, each at the place of its handler's ``Handler/index``.
  package let methods: [MethodDescriptor]

  /// A router over the handlers of `services`, each inside `interceptors`.
  /// - Throws: ``RouterError`` when two services have a method of the same name.
  public init(
    _ services: [any Service], interceptors: [any Interceptor] = []
  ) throws(RouterError) {
    var handlers: [String: Handler] = [:]
    var names: Set<String> = []
    var methods: [MethodDescriptor] = []
    for handler in services.flatMap({ $0.handlers }) {
      let method = handler.method
      guard handlers[method.fullName] == nil else { throw .duplicateMethod(method.fullName) }
      handlers[method.fullName] = handler.placed(at: methods.count).intercepted(by: interceptors)
      methods.append(method)
      names.insert(method.service)
    }
    self.handlers = handlers
    self.services = names
    self.methods = methods
  }

  /// The handlers of all methods, in the order in which the services give them.
  package var allHandlers: [Handler] { methods.compactMap { handlers[$0.fullName] } }

  /// Whether `path` is that of a method: `/package.Service/Method`.
  package func serves(_ path: String) -> Bool { handlers[String(path.dropFirst())] != nil }

  /// The full names of all services.
  public var serviceNames: [String] { services.sorted() }

  /// The handler for `/package.Service/Method`.
  /// - Throws: ``RPCError`` with `UNIMPLEMENTED` that says whether the path, the service or the method is
  ///   wrong.
  public func handler(forPath path: String) throws(RPCError) -> Handler {
    guard path.utf8.first == 0x2f else {
      throw RPCError(.unimplemented, "malformed path '\(path)': it must be /package.Service/Method")
    }
    let name = path.dropFirst()
    if let handler = handlers[String(name)] { return handler }
    guard let slash = name.lastIndex(of: "/"), slash != name.startIndex else {
      throw RPCError(.unimplemented, "malformed path '\(path)': it must be /package.Service/Method")
    }
    throw unknown(name, slash)
  }

  /// The handler for a method by its name on wires that are no HTTP: `package.Service/Method`, or a plain name.
  /// - Throws: ``RPCError`` with `UNIMPLEMENTED` that says whether the service or the method is wrong, and the nearest
  ///   plain name if there is one.
  package func handler(forName name: String) throws(RPCError) -> Handler {
    if let handler = handlers[name] { return handler }
    if let slash = name.lastIndex(of: "/"), slash != name.startIndex {
      throw unknown(name[...], slash)
    }
    let nearest = methods.map(\.fullName).filter { !$0.contains("/") }
      .map { (name: $0, distance: EditDistance.between($0, name)) }
      .filter { $0.distance <= max(1, name.utf8.count / 3) }
      .min { $0.distance < $1.distance }
    let hint = nearest.map { "; is '\($0.name)' meant?" } ?? ""
    throw RPCError(.unimplemented, "there is no method '\(name)'\(hint)")
  }

  private func unknown(_ name: Substring, _ slash: String.Index) -> RPCError {
    let service = String(name[..<slash])
    guard services.contains(service) else {
      return RPCError(.unimplemented, "unknown service \(service)")
    }
    return RPCError(
      .unimplemented, "unknown method \(name[slash...].dropFirst()) of service \(service)")
  }
}
