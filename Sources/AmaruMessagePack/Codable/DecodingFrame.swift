// SPDX-License-Identifier: Apache-2.0

/// The decoder that one value sees: a place in the input.
final class DecodingFrame: Decoder {
  let input: DecodingInput
  let parent: DecodingFrame?
  let step: CodingStep
  let offset: Int
  let depth: Int

  /// Where the value ends, when that is known; zero before.
  var end = 0

  init(
    _ input: DecodingInput, parent: DecodingFrame?, step: CodingStep, offset: Int, depth: Int
  ) {
    self.input = input
    self.parent = parent
    self.step = step
    self.offset = offset
    self.depth = depth
  }

  // MARK: Decoder

  var userInfo: [CodingUserInfoKey: Any] { input.userInfo }

  var codingPath: [any CodingKey] {
    var path: [any CodingKey] = []
    var frame: DecodingFrame? = self
    while let current = frame {
      if let key = current.step.codingKey { path.append(key) }
      frame = current.parent
    }
    return path.reversed()
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(KeyedDecoding(try KeyIndex(self)))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try UnkeyedDecoding(self)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer {
    self
  }

  // MARK: Values

  /// Reads a value that reads itself.
  func read<Value: MessagePackDecodable>(
    _ type: Value.Type, at offset: Int, depth: Int, _ step: @autoclosure () -> CodingStep
  ) throws(MessagePackError) -> (value: Value, after: Int) {
    let input = input
    var reader = input.reader(at: offset, depth: depth)
    do throws(MessagePackError) {
      let value = try Value.readMessagePack(from: &reader)
      return (value, reader.offset)
    } catch {
      throw error.rooted(at: path(step()))
    }
  }

  /// Decodes a value, and tells where it ends if that is known, or zero.
  func decode<Value: Decodable>(
    _ type: Value.Type, at offset: Int, depth: Int, _ step: @autoclosure () -> CodingStep
  ) throws -> (value: Value, after: Int) {
    if let direct = Value.self as? any MessagePackDecodable.Type {
      return try direct.read(Value.self, self, offset, depth, step())
    }
    let inner = DecodingFrame(input, parent: self, step: step(), offset: offset, depth: depth)
    return (try inner.decodeOwn(type), inner.end)
  }

  /// Decodes the value of this frame, which does not read itself.
  func decodeOwn<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do {
      if let collection = Value.self as? any FrameDecodable.Type {
        return try collection.read(Value.self, self)
      }
      return try Value(from: self)
    } catch let error as MessagePackError {
      throw error.rooted(at: path(.root))
    } catch let error as DecodingError {
      throw MessagePackError(error, offset: offset, at: self)
    }
  }

  /// Whether the value at a place is nil.
  func isNull(at offset: Int) throws(MessagePackError) -> Bool {
    let input = input
    var reader = input.reader(at: offset, depth: 0)
    return try reader.takeNull()
  }

  /// The path from the outermost value to a value of this frame.
  func path(_ step: CodingStep) -> [MessagePackError.PathElement] {
    var path = step.pathElement.map { [$0] } ?? []
    var frame: DecodingFrame? = self
    while let current = frame {
      if let element = current.step.pathElement { path.append(element) }
      frame = current.parent
    }
    return path.reversed()
  }
}

extension DecodingFrame: SingleValueDecodingContainer {
  func decodeNil() -> Bool {
    (try? isNull(at: offset)) ?? false
  }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let (value, after) = try decode(type, at: offset, depth: depth, .root)
    end = after
    return value
  }
}

extension MessagePackDecodable {
  /// Reads a value whose static type is known to be this one.
  static func read<Value>(
    _ type: Value.Type, _ frame: DecodingFrame, _ offset: Int, _ depth: Int,
    _ step: @autoclosure () -> CodingStep
  ) throws(MessagePackError) -> (value: Value, after: Int) {
    let (value, after) = try frame.read(Self.self, at: offset, depth: depth, step())
    guard let own = value as? Value else {
      throw MessagePackError(.invalidValue("no \(Value.self)"), offset: offset)
    }
    return (own, after)
  }
}

extension MessagePackError {
  /// An error that a type's own code has thrown, or the standard library's.
  init(_ error: DecodingError, offset: Int, at frame: DecodingFrame) {
    let reason: Reason
    let context: DecodingError.Context?
    switch error {
    case .keyNotFound(let key, let found):
      reason = .missingKey(key.stringValue)
      context = found
    case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
      reason = .invalidValue(found.debugDescription)
      context = found
    @unknown default:
      reason = .invalidValue("\(error)")
      context = nil
    }
    var path = context?.codingPath.map { CodingStep.pathElement(of: $0) } ?? frame.path(.root)
    if case .missingKey(let name) = reason { path.append(.key(name)) }
    self = MessagePackError(reason, offset: offset).rooted(at: path)
  }
}
