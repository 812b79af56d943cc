// SPDX-License-Identifier: Apache-2.0
import AmaruMessagePack

/// A MessagePack value where the waist has protobuf messages: the bytes are the message.
struct PackedMessage: Message {
  /// nil, as MessagePack writes it: also what an empty message means.
  static let none = PackedMessage([0xc0])

  /// One value; empty only before it was read.
  var bytes: [UInt8] = []
  var unknownFields: UnknownFields {
    get { UnknownFields() }
    set {}
  }

  init() {}
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static var protoName: String { "MessagePack value" }
  static var protoFile: ProtoFile { googleProtobufEmptyProto }

  mutating func merge(from reader: inout Reader) throws(DecodingError) {
    bytes = reader.rest()
  }

  func writeBackward(_ writer: inout BackWriter) { writer.prepend(contentsOf: bytes) }

  static let jsonNames = FieldNames("")

  // A call in JSON is refused before a message is read.
  mutating func merge(fromJSON reader: inout JSONReader) throws(JSONDecodingError) {
    var fields = try reader.beginMessage(Self.jsonNames)
    while try reader.nextField(&fields) != nil { try reader.unknownField(of: Self.protoName) }
  }

  func writeJSON(_ writer: inout JSONWriter) {
    writer.beginMessage()
    writer.endMessage()
  }

  var debugDescription: String { "\(bytes.count) bytes of MessagePack" }

  // MARK: Values

  /// The value of `arguments` or a result.
  /// - Throws: `INVALID_ARGUMENT` when it cannot be written.
  init(encoding value: some Encodable, of method: String) throws {
    do {
      bytes = try MessagePackEncoder().encode(value)
    } catch {
      throw RPCError(.invalidArgument, "\(method): the value cannot be written: \(error)")
    }
  }

  /// The value as a result of `method`.
  /// - Throws: `INTERNAL` when it is of another type.
  func result<Value: Decodable>(of method: String) throws -> Value {
    do {
      return try MessagePackDecoder().decode(Value.self, from: value)
    } catch {
      throw RPCError(.internal, "\(method): the result is no \(Value.self): \(error)")
    }
  }

  /// The value as the arguments of `method`. One argument may stand alone or as the only element of an array.
  /// - Throws: `INVALID_ARGUMENT` with the field that is wrong.
  func arguments<Value: Decodable>(of method: String) throws -> Value {
    do {
      return try MessagePackDecoder().decode(Value.self, from: value)
    } catch let error as MessagePackError {
      if value.first == 0x91, error.path.isEmpty,
        let only = try? MessagePackDecoder().decode([Value].self, from: value)
      {
        return only[0]
      }
      let field = error.pathDescription
      throw RPCError(
        .invalidArgument, "\(method): \(error)",
        attaching: Google_Rpc_BadRequest.with {
          $0.fieldViolations = [
            .with {
              $0.field = field
              $0.description = "\(error.reason)"
            }
          ]
        })
    } catch {
      throw RPCError(.invalidArgument, "\(method): \(error)")
    }
  }

  private var value: [UInt8] { bytes.isEmpty ? Self.none.bytes : bytes }
}

/// A method of MessagePack values, under a plain name.
typealias PackedMethod = Method<PackedMessage, PackedMessage>

extension PackedMethod {
  init(_ name: String, _ kind: MethodKind) { self.init(name, kind, in: googleProtobufEmptyProto) }
}
