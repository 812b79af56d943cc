// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A `.proto` file as the program knows it: its name, its imports and its descriptor.
///
/// Generated code has one for each file. Reflection and transcoding read services and messages
/// from it. The descriptor is decoded on first use.
public final class ProtoFile: Sendable {
  /// The path that other files import it by, for example `greet/v1/greet.proto`.
  public let name: String

  /// The files that it imports.
  public let imports: [ProtoFile]

  private let base64: StaticString
  private let decoded = Mutex<[UInt8]?>(nil)
  private let linked = Mutex<DescriptorPool?>(nil)

  /// Makes a file from its `google.protobuf.FileDescriptorProto` in base64.
  public init(name: String, imports: [ProtoFile], base64: StaticString) {
    self.name = name
    self.imports = imports
    self.base64 = base64
  }

  /// The `google.protobuf.FileDescriptorProto` in binary format, without source locations.
  public func serializedDescriptor() throws(DecodingError) -> [UInt8] {
    if let bytes = decoded.withLock({ $0 }) { return bytes }
    let bytes = JSONBase64.decode(base64.description.utf8.span)
    guard let bytes else { throw .invalidBase64 }
    decoded.withLock { $0 = bytes }
    return bytes
  }
  /// A pool of this file and all that it imports, made on first use.
  public func pool() throws(DescriptorError) -> DescriptorPool {
    if let pool = linked.withLock({ $0 }) { return pool }
    let made = try DescriptorPool([self])
    return linked.withLock { pool in
      // Another thread may have been faster; then all use its pool.
      let first = pool ?? made
      pool = first
      return first
    }
  }
}
