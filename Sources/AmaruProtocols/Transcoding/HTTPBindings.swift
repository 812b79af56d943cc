// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// The rules of `google.api.http` of a server's methods, and the table that finds them by path.
package struct HTTPBindings: Sendable {
  /// The bindings, each at the place that is its number in the table.
  private var bindings: [HTTPBinding] = []
  private var table = PathTable()

  /// What a request leads to.
  package enum Match: Sendable {
    /// A binding, and the segments of the path as they came, without the verb.
    case found(HTTPBinding, segments: [Substring])
    /// Bindings for other HTTP methods only.
    case otherMethods([String])
    case none
    /// A segment that no path may have.
    case malformed(String)
  }

  /// Reads the rules that the descriptors of the handlers' methods carry.
  /// - Parameters:
  ///   - rules: rules with selectors, as a service configuration has them. The last one for a method is taken in place of
  ///     the one that its descriptor carries.
  ///   - readsDescriptors: whether those of the descriptors count at all.
  package init(
    _ handlers: [Handler], rules: [Google_Api_HttpRule] = [], readsDescriptors: Bool = true
  ) throws(HTTPRuleError) {
    var selected: [String: Google_Api_HttpRule] = [:]
    for rule in rules { selected[rule.selector] = rule }
    for handler in handlers {
      guard let method = try Self.descriptor(of: handler.method) else { continue }
      var rule = selected.removeValue(forKey: method.fullName)
      if rule == nil, readsDescriptors { rule = try Self.rule(of: method, handler.method.fullName) }
      guard let rule else { continue }
      try add(rule, handler, method)
      for more in rule.additionalBindings {
        guard more.additionalBindings.isEmpty else {
          throw HTTPRuleError(
            method: handler.method.fullName,
            reason: "additional_bindings inside of additional_bindings; put them side by side")
        }
        try add(more, handler, method)
      }
    }
    if let selector = selected.keys.min() {
      throw HTTPRuleError(
        method: selector,
        reason: "no service here has this method; a selector is package.Service.Method")
    }
  }

  /// The routes of a server.
  ///
  /// - Throws: ``HTTPRuleError`` for a rule that is wrong, and for two routes that take the same requests.
  package init(_ router: Router, _ routes: HTTPRoutes) throws(HTTPRuleError) {
    let handlers = router.allHandlers
    try self.init(handlers, rules: routes.rules, readsDescriptors: routes.followsRules)
    for mount in routes.mounts {
      if !mounts.contains(where: { $0.path == mount.path }) {
        mounts.append((mount.path, []))
      }
      for index in mounts.indices where mounts[index].path == mount.path {
        mounts[index].names.append(mount.name)
      }
      for name in mount.methods {
        guard let handler = handlers.first(where: { $0.method.fullName == name }),
          let method = try Self.descriptor(of: handler.method)
        else {
          throw HTTPRuleError(
            method: name,
            reason:
              "the server does not have the service at \(mount.path)/\(mount.name); give it to both"
          )
        }
        for httpMethod in mount.httpMethods {
          var rule = Google_Api_HttpRule()
          rule.pattern = .custom(
            .with {
              $0.kind = httpMethod
              $0.path = "\(mount.path)/\(mount.name)/\(method.name.lowercased())"
            })
          if httpMethod != "GET", httpMethod != "HEAD" { rule.body = "*" }
          try add(rule, handler, method)
        }
      }
    }
  }

  /// Where services are served by their names, and the names of those.
  package private(set) var mounts: [(path: String, names: [String])] = []

  /// What is wrong with a path below a mount, and the cure; nil for other paths.
  func cure(_ path: String) -> String? {
    let mount =
      mounts.filter { path == $0.path || path.hasPrefix($0.path + "/") }.max {
        $0.path.utf8.count < $1.path.utf8.count
      }
    guard let mount else { return nil }
    let segments = path.dropFirst(mount.path.count).split(separator: "/")
    guard let name = segments.first, mount.names.contains(String(name)) else {
      return "there is no service at \(path); those under \(mount.path) are "
        + mount.names.sorted().joined(separator: ", ")
        + ". Is the service given to the gateway?"
    }
    let start = "\(mount.path)/\(name)/"
    let methods = Set(bindings.map(\.template.text).filter { $0.hasPrefix(start) }).sorted()
    return "there is no method at \(path); use one of " + methods.joined(separator: ", ")
  }

  /// Whether there is no route.
  package var isEmpty: Bool { bindings.isEmpty }

  /// Finds the binding of a request for a path without its query.
  package func match(_ path: String, method: String) -> Match {
    switch table.match(path, method: method) {
    case .found(let number, let segments): return .found(bindings[number], segments: segments)
    case .otherMethods(let methods):
      // Who answers GET answers HEAD (RFC 9110 9.1). A stream would run without anybody to take it.
      if method == "HEAD", case .found(let binding, let segments) = match(path, method: "GET"),
        binding.handler.method.kind.hasSingleResponse
      {
        return .found(binding, segments: segments)
      }
      return .otherMethods(methods)
    case .malformed(let segment): return .malformed(segment)
    case .none: return .none
    }
  }

  private mutating func add(
    _ rule: Google_Api_HttpRule, _ handler: Handler, _ method: RPCDescriptor
  ) throws(HTTPRuleError) {
    let binding = try HTTPBinding(rule, handler, method)
    let present = table.insert(
      binding.template, method: binding.httpMethod, number: bindings.count)
    if let present {
      let other = bindings[present]
      throw HTTPRuleError(
        method: handler.method.fullName,
        reason: "\(binding.httpMethod) \(binding.template.text) takes the requests of "
          + "\(other.httpMethod) \(other.template.text) of \(other.handler.method.fullName); change one"
      )
    }
    bindings.append(binding)
  }

  /// The method's descriptor; nil when its file does not declare it.
  private static func descriptor(
    of method: MethodDescriptor
  ) throws(HTTPRuleError) -> RPCDescriptor? {
    do {
      return try method.file.pool().service(named: method.service)?.method(named: method.name)
    } catch {
      throw HTTPRuleError(method: method.fullName, reason: "its descriptor is broken: \(error)")
    }
  }

  private static func rule(
    of method: RPCDescriptor, _ name: String
  ) throws(HTTPRuleError) -> Google_Api_HttpRule? {
    do {
      return try method.options.value(of: GoogleApiAnnotationsExtensions.http)
    } catch {
      throw HTTPRuleError(method: name, reason: "the option google.api.http is broken: \(error)")
    }
  }
}
