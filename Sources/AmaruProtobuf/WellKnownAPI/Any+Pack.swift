// SPDX-License-Identifier: Apache-2.0

extension Google_Protobuf_Any {
  /// The start of type URLs that the other implementations write.
  public static var standardPrefix: String { "type.googleapis.com" }

  /// Packs a message; its type is named by a URL: the prefix, a slash and the full proto name.
  public init<M: Message>(packing message: M, prefix: String = Self.standardPrefix) {
    self.init()
    typeUrl = "\(prefix)/\(M.protoName)"
    value = message.encoded()
  }

  /// Packs a dynamic message.
  public init(packing message: DynamicMessage, prefix: String = Self.standardPrefix) {
    self.init()
    typeUrl = "\(prefix)/\(message.descriptor.fullName)"
    value = message.encoded()
  }

  /// The full proto name of the message in it: what follows the last slash of the URL. Nil when
  /// there is no slash or no name.
  public var messageName: String? { Self.messageName(of: typeUrl) }

  /// The full proto name that a type URL ends with; nil when there is no slash or no name.
  static func messageName(of url: String) -> String? {
    guard let slash = url.lastIndex(of: "/") else { return nil }
    let name = url[url.index(after: slash)...]
    return name.isEmpty ? nil : String(name)
  }

  /// Whether the message in it is of a type, by its name.
  public func holds<M: Message>(_ type: M.Type) -> Bool { messageName == M.protoName }

  /// Takes the message out.
  public func unpack<M: Message>(as type: M.Type = M.self) throws(AnyError) -> M {
    guard holds(type) else { throw .wrongType(typeUrl) }
    do {
      return try M(decoding: value)
    } catch {
      throw .malformed(error)
    }
  }

  /// Takes the message out as a dynamic one of a type that the pool knows.
  public func unpack(from pool: DescriptorPool) throws(AnyError) -> DynamicMessage {
    guard let name = messageName, let descriptor = pool.message(named: name) else {
      throw .unknownType(typeUrl)
    }
    do {
      return try DynamicMessage(descriptor, decoding: value)
    } catch {
      throw .malformed(error)
    }
  }
}
