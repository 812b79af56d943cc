// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// Timeouts, retries and more for each method of a channel. Source: `service_config.md` of gRPC.
public struct ServiceConfig: Sendable {
  /// What holds for a method.
  public struct MethodConfig: Sendable, Hashable {
    /// Whether calls wait while no server can be reached, where their options do not say.
    public var waitsForReady: Bool?
    /// The time that a call has at most.
    public var timeout: Duration?
    /// Bytes of one message that is sent; more is `RESOURCE_EXHAUSTED`, and nothing is sent.
    public var maxRequestBytes: Int?
    /// Bytes of one message that is received.
    public var maxResponseBytes: Int?
    /// When a call that failed is made again; nil for never.
    public var retry: RetryPolicy?
    /// When a unary call is sent several times at once; nil for never. Not beside ``retry``.
    public var hedging: HedgingPolicy?

    /// A config that says nothing.
    public init() {}
  }

  /// The configs by `package.Service/Method`, by `package.Service/` for a whole service, and by `` for all.
  public var methods: [String: MethodConfig] = [:]
  /// Stops retries while too many calls fail; nil for no limit.
  public var throttling: RetryThrottling?
  /// The service whose health servers are asked for (``HealthService``), with the policies that connect to all of them: a
  /// server that is not serving gets no calls. Empty for the server as a whole; nil asks none.
  /// Source: gRPC's proposal A17.
  public var healthCheckService: String?

  /// A config that says nothing.
  public init() {}

  /// Reads the standard JSON form. Fields that are not known here are left out.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, that names the place and what is wrong with it.
  public init(json: String) throws(RPCError) {
    let config: ServiceConfigJSON
    do {
      config = try ServiceConfigJSON(json: json, options: .lenient)
    } catch {
      throw Self.bad("\(error)")
    }
    for (index, entry) in config.methodConfig.enumerated() {
      let method = try MethodConfig(entry, "methodConfig[\(index)]")
      for name in entry.name {
        guard !name.service.isEmpty || name.method.isEmpty else {
          throw Self.bad("methodConfig[\(index)]: the method \(name.method) is without its service")
        }
        let key = name.service.isEmpty ? "" : "\(name.service)/\(name.method)"
        guard methods.updateValue(method, forKey: key) == nil else {
          throw Self.bad("methodConfig[\(index)]: the name '\(key)' is there twice")
        }
      }
    }
    healthCheckService = config.healthCheckConfig?.serviceName?.value
    throttling = try config.retryThrottling.map(RetryThrottling.init(json:))
  }

  /// The config of `method`: its own, its service's, or that for all.
  func config(_ method: MethodDescriptor) -> MethodConfig? {
    if methods.isEmpty { return nil }
    return methods[method.fullName] ?? methods[method.service + "/"] ?? methods[""]
  }

  static func bad(_ reason: String) -> RPCError {
    RPCError(.invalidArgument, "the service config cannot be used: \(reason)")
  }
}

extension ServiceConfig.MethodConfig {
  fileprivate init(_ json: MethodConfigJSON, _ place: String) throws(RPCError) {
    waitsForReady = json.waitForReady?.value
    timeout = try ServiceConfig.duration(json.timeout, "\(place).timeout")
    maxRequestBytes = json.maxRequestMessageBytes.map { Int($0.value) }
    maxResponseBytes = json.maxResponseMessageBytes.map { Int($0.value) }
    retry = try json.retryPolicy.map { (policy) throws(RPCError) in
      try RetryPolicy(json: policy, "\(place).retryPolicy")
    }
    hedging = try json.hedgingPolicy.map { (policy) throws(RPCError) in
      try HedgingPolicy(json: policy, "\(place).hedgingPolicy")
    }
    guard retry == nil || hedging == nil else {
      throw ServiceConfig.bad("\(place) has a retryPolicy and a hedgingPolicy; keep one")
    }
  }
}

extension ServiceConfig {
  /// The duration of a field; nil where it is absent.
  static func duration(
    _ duration: Google_Protobuf_Duration?, _ place: String
  ) throws(RPCError) -> Duration? {
    guard let duration else { return nil }
    guard let value = try? duration.swiftDuration(), value >= .zero else {
      throw bad("\(place) is not a time from 0 on")
    }
    return value
  }
}

extension JSONDecodingOptions {
  /// Fields that are not known are passed over.
  fileprivate static var lenient: JSONDecodingOptions {
    var options = JSONDecodingOptions()
    options.ignoresUnknownFields = true
    return options
  }
}
