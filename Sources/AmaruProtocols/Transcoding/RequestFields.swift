// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf

/// The fields of one request that do not come in its body.
struct RequestFields {
  /// How many parameters a query may have: each is looked up and kept.
  static let parameterLimit = 1000

  private let binding: HTTPBinding
  private var values: [(path: FieldPath, value: DynamicValue)] = []
  /// The singular fields that have a value.
  private var seen: Set<FieldPath> = []
  /// The oneofs that have a value, by the path to their message.
  private var members: [Oneof: FieldDescriptor] = [:]

  private struct Oneof: Hashable {
    let message: ArraySlice<FieldDescriptor>
    let oneof: OneofDescriptor
  }

  /// The fields of a request to `binding`: none yet.
  init(_ binding: HTTPBinding) {
    self.binding = binding
    if case .field(let field) = binding.body, let oneof = field.oneof {
      members[Oneof(message: [], oneof: oneof)] = field
    }
  }

  /// Adds a value, or an element of one.
  /// - Returns: the field of the same oneof that has a value already.
  @discardableResult
  mutating func add(_ path: FieldPath, _ value: DynamicValue) -> FieldDescriptor? {
    for (index, field) in path.fields.enumerated() {
      guard let oneof = field.oneof else { continue }
      let key = Oneof(message: path.fields[..<index], oneof: oneof)
      if let present = members.updateValue(field, forKey: key), present != field { return present }
    }
    values.append((path, value))
    return nil
  }

  /// The fields in the binary format, in the order in which they were added.
  func encoded() -> [UInt8] {
    BackWriter.withScratch { writer in
      for (path, value) in values.reversed() { path.write(value, to: &writer) }
      return writer.takeBytes()
    }
  }

  // MARK: The query

  /// Adds the parameters of a query.
  mutating func read(_ query: Substring) throws(RPCError) {
    let parameters = query.utf8.split(separator: UInt8(ascii: "&"))
    guard parameters.count <= Self.parameterLimit else {
      throw RPCError(
        .invalidArgument,
        "the query has more than \(Self.parameterLimit) parameters; send a body")
    }
    for parameter in parameters {
      let raw = parameter.prefix { $0 != UInt8(ascii: "=") }
      let rest = parameter.dropFirst(raw.count + 1)
      guard let name = Self.decode(raw), let value = Self.decode(rest) else {
        let excerpt = HTTPBinding.excerpt(String(Substring(parameter)))
        throw RPCError(
          .invalidArgument, "the parameter '\(excerpt)' is not percent-encoded UTF-8")
      }
      try read(name, value)
    }
  }

  private mutating func read(_ name: String, _ text: String) throws(RPCError) {
    func fail(_ reason: String) -> RPCError {
      let name = HTTPBinding.excerpt(name)
      return HTTPBinding.wrong(name, "the parameter '\(name)' \(reason)")
    }
    let path: FieldPath
    do {
      path = try FieldPath(name, in: binding.input)
    } catch {
      throw fail("is not known: \(HTTPBinding.excerpt("\(error)", limit: 200))")
    }
    if binding.variables.contains(where: { $0.path == path }) {
      throw fail("is in the path already; leave it out of the query")
    }
    switch binding.body {
    case .whole: throw fail("must be in the body, as all fields that the path does not have")
    case .field(path.fields[0]):
      throw fail("must be in the body, which is '\(path.fields[0].name)'")
    case .field, .none: break
    }
    guard path.last.hasTextForm else { throw fail(path.last.cureWithoutText) }
    if !path.last.isRepeated, !seen.insert(path).inserted { throw fail("came twice") }
    guard let value = path.last.value(parsing: text) else {
      throw fail("must be \(path.last.textForm), not '\(HTTPBinding.excerpt(text))'")
    }
    if let other = add(path, value) { throw fail("excludes '\(other.name)', which came already") }
  }

  /// The text of a name or a value: `+` is a space, as forms write it.
  private static func decode(_ raw: Substring.UTF8View.SubSequence) -> String? {
    guard raw.contains(UInt8(ascii: "+")) else { return PathText.decode(String(Substring(raw))) }
    let spaced = raw.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
    return PathText.decode(String(decoding: spaced, as: UTF8.self))
  }
}

extension FieldDescriptor {
  /// What the text of a value is, for an error.
  var textForm: String {
    switch type {
    case .scalar(.string): "text"
    case .scalar(.bool): "true or false"
    case .scalar(.bytes): "base64 (in the alphabet for URLs)"
    case .scalar(.double), .scalar(.float): "a number"
    case .scalar(let type): "a number of type \(type)"
    case .enumeration(let type):
      "a number or one of " + type.values.prefix(10).map(\.name).joined(separator: ", ")
        + (type.values.count > 10 ? ", ..." : "")
    case .message(let type):
      switch type.fullName {
      case Google_Protobuf_Timestamp.protoName: "a time such as 2026-01-31T12:00:00Z"
      case Google_Protobuf_Duration.protoName: "seconds such as 1.5s"
      case Google_Protobuf_FieldMask.protoName: "names of fields with commas between"
      default: type.field(number: 1)?.textForm ?? "a \(type.fullName)"
      }
    }
  }

  /// Why a field cannot be a parameter, and the cure.
  fileprivate var cureWithoutText: String {
    if isMap { return "is a map, which cannot be in a query; call by gRPC or Connect" }
    if isRepeated {
      return "is a list of messages, which cannot be in a query; call by gRPC or Connect"
    }
    guard let first = messageType?.fields.first else {
      return "is a message, which cannot be in a query"
    }
    return "is a message; name a field of it, such as '\(name).\(first.name)'"
  }
}
