// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// A typed method of a service, as the generated code declares it.
public struct Method<Request: Message, Response: Message>: Sendable {
  /// What is known of the method without its types.
  public let descriptor: MethodDescriptor

  /// Declares a method: `name` is `package.Service/Method`, without a leading slash.
  public init(_ name: String, _ kind: MethodKind, in file: ProtoFile) {
    descriptor = MethodDescriptor(name, kind, in: file)
  }
}
