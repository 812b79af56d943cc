// SPDX-License-Identifier: Apache-2.0

/// Messages, enums and services that are known at run time, linked with each other.
///
/// A pool is made once from files and never changes, so that any thread may use it. The descriptors
/// that it hands out are small values that keep it alive.
///
/// ```swift
/// let pool = try DescriptorPool(Google_Protobuf_FileDescriptorSet(decoding: bytes))
/// let item = pool.message(named: "inventory.Item")
/// ```
public final class DescriptorPool: Sendable {
  let fileRecords: [FileRecord]
  let messageRecords: [MessageRecord]
  let fieldRecords: [FieldRecord]
  let oneofRecords: [OneofRecord]
  let enumRecords: [EnumRecord]
  let serviceRecords: [ServiceRecord]
  private let symbols: [String: Symbol]
  private let filesByName: [String: Int]

  /// The files that come with protobuf (`google/protobuf/*.proto`) and `google/rpc/status.proto`.
  public static let wellKnown = (try? DescriptorPool(WellKnownProtos.files)) ?? DescriptorPool()

  /// Makes a pool without files.
  public convenience init() { self.init(PoolBuilder()) }

  /// Makes a pool of files that may say anything. All their imports must be among them; the order
  /// does not matter.
  public convenience init(
    _ set: Google_Protobuf_FileDescriptorSet
  ) throws(DescriptorError) {
    self.init(try PoolBuilder(set.file))
  }

  /// Makes a pool of files of this program and all that they import.
  public convenience init(_ files: [ProtoFile]) throws(DescriptorError) {
    var protos: [Google_Protobuf_FileDescriptorProto] = []
    var seen: Set<ObjectIdentifier> = []
    var waiting = files
    while let file = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(file)).inserted else { continue }
      waiting += file.imports
      do {
        protos.append(
          try Google_Protobuf_FileDescriptorProto(decoding: file.serializedDescriptor()))
      } catch {
        throw DescriptorError(file: file.name, reason: error.description)
      }
    }
    self.init(try PoolBuilder(protos))
  }

  private init(_ builder: PoolBuilder) {
    fileRecords = builder.files
    messageRecords = builder.messages
    fieldRecords = builder.fields
    oneofRecords = builder.oneofs
    enumRecords = builder.enums
    serviceRecords = builder.services
    symbols = builder.symbols
    filesByName = builder.filesByName
  }

  // MARK: Looking up

  /// The files, each once.
  public var files: [FileDescriptor] {
    fileRecords.indices.map { FileDescriptor(pool: self, index: $0) }
  }

  /// The file with a name, for example `google/protobuf/any.proto`.
  public func file(named name: String) -> FileDescriptor? {
    filesByName[name].map { FileDescriptor(pool: self, index: $0) }
  }

  /// The message with a full name without a leading dot.
  public func message(named name: String) -> MessageDescriptor? {
    guard case .message(let index)? = symbols[name] else { return nil }
    return MessageDescriptor(pool: self, index: index)
  }

  /// The enum with a full name without a leading dot.
  public func enumeration(named name: String) -> EnumDescriptor? {
    guard case .enumeration(let index)? = symbols[name] else { return nil }
    return EnumDescriptor(pool: self, index: index)
  }

  /// The service with a full name without a leading dot.
  public func service(named name: String) -> ServiceDescriptor? {
    guard case .service(let index)? = symbols[name] else { return nil }
    return ServiceDescriptor(pool: self, index: index)
  }

  /// The extension with a full name without a leading dot.
  public func extensionField(named name: String) -> FieldDescriptor? {
    guard case .extensionField(let index)? = symbols[name] else { return nil }
    return FieldDescriptor(pool: self, index: index)
  }

  /// The extension of a message, given by its full name, with a number.
  public func extensionField(of message: String, number: Int32) -> FieldDescriptor? {
    self.message(named: message)?.extensionField(number: number)
  }

  /// The extensions of a message, given by its full name, in the order of their numbers.
  public func extensions(of message: String) -> [FieldDescriptor] {
    guard case .message(let index)? = symbols[message] else { return [] }
    return messageRecords[index].extending.sorted { $0.key < $1.key }
      .map { FieldDescriptor(pool: self, index: $0.value) }
  }

  /// The file that declares a symbol: a message, enum, service or extension, or a method, field,
  /// oneof or enum value inside of one. Reflection asks for that.
  public func file(containing symbol: String) -> FileDescriptor? {
    if let index = fileIndex(symbols[symbol]) { return FileDescriptor(pool: self, index: index) }
    guard let dot = symbol.lastIndex(of: ".") else { return nil }
    let (scope, name) = (String(symbol[..<dot]), String(symbol[symbol.index(after: dot)...]))
    let index: Int? =
      switch symbols[scope] {
      case .message(let message)?: fileIndex(of: name, inMessage: message)
      case .service(let service)?:
        serviceRecords[service].byName[name] == nil ? nil : serviceRecords[service].file
      case .package?:
        fileRecords.firstIndex { file in
          file.package == scope && file.enums.contains { enumRecords[$0].byName[name] != nil }
        }
      default: nil
      }
    return index.map { FileDescriptor(pool: self, index: $0) }
  }

  private func fileIndex(_ symbol: Symbol?) -> Int? {
    switch symbol {
    case .message(let index)?: messageRecords[index].file
    case .enumeration(let index)?: enumRecords[index].file
    case .service(let index)?: serviceRecords[index].file
    case .extensionField(let index)?: fieldRecords[index].file
    case .package?, nil: nil
    }
  }

  private func fileIndex(of name: String, inMessage index: Int) -> Int? {
    let message = messageRecords[index]
    let isThere =
      message.byName[name] != nil
      || message.oneofs.contains { oneofRecords[$0].name == name }
      || message.enums.contains { enumRecords[$0].byName[name] != nil }
    return isThere ? message.file : nil
  }
}
