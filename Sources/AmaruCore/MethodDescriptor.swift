// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// What is known of a method without its message types.
public struct MethodDescriptor: Sendable {
  /// `package.Service/Method`, without a leading slash; of a method without a `.proto`, a plain name.
  public let fullName: String
  /// How many messages it takes and gives.
  public let kind: MethodKind
  /// The file that declares the method.
  public let file: ProtoFile

  /// Describes the method `fullName` (`package.Service/Method`) of `file`.
  public init(_ fullName: String, _ kind: MethodKind, in file: ProtoFile) {
    self.fullName = fullName
    self.kind = kind
    self.file = file
  }

  /// The service's part of the name: `package.Service`; empty where the name is plain.
  public var service: String {
    fullName.firstIndex(of: "/").map { String(fullName[..<$0]) } ?? ""
  }
  /// Whether the method says that it changes nothing (`idempotency_level = NO_SIDE_EFFECTS`); read from its file.
  package var hasNoSideEffects: Bool {
    guard let pool = try? file.pool() else { return false }
    let method = pool.service(named: service)?.method(named: name)
    return method?.options.idempotencyLevel == .noSideEffects
  }
  /// The method's own name.
  public var name: String {
    fullName.firstIndex(of: "/").map { String(fullName[$0...].dropFirst()) } ?? fullName
  }
}
