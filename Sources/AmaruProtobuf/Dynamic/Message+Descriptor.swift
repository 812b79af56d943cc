// SPDX-License-Identifier: Apache-2.0

extension Message {
  /// The message's type, in a pool of its file and all that it imports.
  ///
  /// Linked on first use of the file. Throws only when the generated code is broken.
  public static var descriptor: MessageDescriptor {
    get throws(DescriptorError) {
      let pool = try protoFile.pool()
      guard let descriptor = pool.message(named: protoName) else {
        throw DescriptorError(
          file: protoFile.name, symbol: protoName, reason: "the file does not declare it")
      }
      return descriptor
    }
  }

  /// Makes a message from a dynamic one of the type of the same name, over the binary format.
  public init(_ dynamic: DynamicMessage) throws(DecodingError) {
    try self.init(decoding: dynamic.encoded(), allowsMissingFields: true)
  }
}

extension DynamicMessage {
  /// Makes a dynamic message from one of generated type, over the binary format.
  ///
  /// - Parameter pool: Knows the extensions that shall be fields; nil for that of the message's
  ///   file.
  public init<M: Message>(
    _ message: M, pool: DescriptorPool? = nil
  ) throws(DynamicMessageError) {
    let own = pool ?? (try? M.protoFile.pool())
    guard let descriptor = own?.message(named: M.protoName) else {
      throw .unknownType(M.protoName)
    }
    do {
      try self.init(descriptor, decoding: message.encoded(), allowsMissingFields: true)
    } catch {
      throw .malformed(error)
    }
  }
}
