// SPDX-License-Identifier: Apache-2.0

/// The encoder that one value sees, and the state of the container that the value opens.
///
/// A container's header is written when the frame ends, because only then its count is known.
final class EncodingFrame: Encoder {
  enum Shape {
    case none, map, array, single
  }

  let sink: EncodingSink
  let context: EncodingContext
  let parent: EncodingFrame?
  let step: CodingStep
  let depth: Int
  private var shape = Shape.none
  private var header = 0
  private(set) var count = 0

  init(
    _ sink: EncodingSink, _ context: EncodingContext, parent: EncodingFrame?, step: CodingStep,
    depth: Int
  ) {
    self.sink = sink
    self.context = context
    self.parent = parent
    self.step = step
    self.depth = depth
    sink.top = ObjectIdentifier(self)
  }

  /// Whether this frame may write now.
  private var isTop: Bool { sink.top == ObjectIdentifier(self) }

  // MARK: Encoder

  var userInfo: [CodingUserInfoKey: Any] { context.userInfo }

  var codingPath: [any CodingKey] {
    var path: [any CodingKey] = []
    var frame: EncodingFrame? = self
    while let current = frame {
      if let key = current.step.codingKey { path.append(key) }
      frame = current.parent
    }
    return path.reversed()
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(.map)
    return KeyedEncodingContainer(KeyedEncoding(self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(.array)
    return UnkeyedEncoding(frame: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    self
  }

  /// Begins a container, or goes on with the one that there is.
  func open(_ shape: Shape) {
    if self.shape == shape { return }
    guard self.shape == .none, isTop else { return misuse() }
    if depth >= context.depthLimit { return fail(.depthLimitExceeded(limit: context.depthLimit)) }
    self.shape = shape
    header = sink.writer.count
    sink.writer.null()
  }

  /// Ends the frame: nothing may be written through it any more. A value that has written nothing
  /// is an empty map.
  func end() throws(MessagePackError) {
    switch shape {
    case .none: sink.writer.mapHeader(0)
    case .single: break
    case .map, .array: sink.closeContainer(at: header, count, isMap: shape == .map)
    }
    sink.top = nil
    if let failure = context.failure { throw failure }
  }

  // MARK: Values

  /// Writes the next entry's key, and makes sure that the value may be written.
  func entry(_ key: any CodingKey) throws(MessagePackError) {
    try beginValue(.map)
    sink.writer.string(key.stringValue)
  }

  /// Makes sure that a value may be written now, and counts it.
  func beginValue(_ shape: Shape) throws(MessagePackError) {
    if !isTop || self.shape != shape { misuse() }
    if let failure = context.failure { throw failure }
    count += 1
  }

  /// Makes sure that the one value of the frame may be written now.
  func beginSingle() throws(MessagePackError) {
    if !isTop || shape != .none { misuse() }
    if let failure = context.failure { throw failure }
    shape = .single
  }

  /// Writes a value at the current place, which the caller has made sure of.
  func write<Value: Encodable>(_ value: Value, at step: @autoclosure () -> CodingStep) throws {
    if let direct = Value.self as? any MessagePackEncodable.Type {
      direct.write(value, to: &sink.writer)
      return
    }
    let frame = EncodingFrame(sink, context, parent: self, step: step(), depth: innerDepth)
    try frame.writeOwn(value)
    sink.top = ObjectIdentifier(self)
  }

  /// Writes the value of the outermost frame.
  func writeWhole<Value: Encodable>(_ value: Value) throws {
    if let direct = Value.self as? any MessagePackEncodable.Type {
      direct.write(value, to: &sink.writer)
    } else {
      try writeOwn(value)
    }
  }

  /// Writes the value of this frame, which does not write itself, and ends the frame.
  private func writeOwn<Value: Encodable>(_ value: Value) throws {
    do {
      if let collection = Value.self as? any FrameEncodable.Type {
        try collection.write(value, self)
      } else {
        try value.encode(to: self)
      }
      try end()
    } catch {
      // What was written of the value stays, so the encoding fails even if this is caught.
      fail(.invalidValue("\(error)"))
      throw error
    }
  }

  /// How many containers are open in what this frame writes.
  private var innerDepth: Int { depth + (shape == .single || shape == .none ? 0 : 1) }

  /// Writes a value as the one of this frame.
  func encodeSingle<Value: Encodable>(_ value: Value) throws {
    try beginSingle()
    try write(value, at: .root)
  }

  /// Makes a frame for what may be written later, and keeps its place.
  func later(_ step: CodingStep, in shape: Shape) -> EncodingFrame {
    if context.failure == nil {
      if isTop, self.shape == shape {
        count += 1
        if case .key(let key) = step { sink.writer.string(key.stringValue) }
        let frame = EncodingFrame(
          EncodingSink(), context, parent: self, step: step, depth: innerDepth)
        sink.insert(frame)
        return frame
      }
      misuse()
    }
    // Nothing of it is used, for the encoding fails.
    return EncodingFrame(EncodingSink(), context, parent: nil, step: .root, depth: 0)
  }

  // MARK: Errors

  private static let misuseText =
    "a container is written to while, or after, another one is written in its place"

  private func misuse() { fail(.invalidValue(Self.misuseText)) }

  private func fail(_ reason: MessagePackError.Reason) {
    if context.failure == nil { context.failure = error(reason) }
  }

  func error(_ reason: MessagePackError.Reason) -> MessagePackError {
    MessagePackError(reason, offset: 0)
      .rooted(at: codingPath.map { CodingStep.pathElement(of: $0) })
  }
}

extension MessagePackEncodable {
  /// Writes a value whose static type is known to be this one.
  fileprivate static func write<Value>(_ value: Value, to writer: inout MessagePackWriter) {
    if let own = value as? Self { writeMessagePack(own, to: &writer) }
  }
}

extension EncodingFrame: SingleValueEncodingContainer {
  func encodeNil() throws {
    try beginSingle()
    sink.writer.null()
  }
  func encode<Value: Encodable>(_ value: Value) throws {
    try encodeSingle(value)
  }
}
