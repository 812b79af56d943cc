// SPDX-License-Identifier: Apache-2.0
import AmaruProtobuf

/// Typed messages over the bytes of a call. `@inlinable`, so that a handler's factory is specialised where
/// the message types are known.
extension Call {
  /// Decodes the next message; nil when none is there yet. Loop only.
  @inlinable
  final func takeDecoded<M: Message>(_ type: M.Type) throws -> M? {
    guard let bytes = try takeMessage() else { return nil }
    tookMessage(bytes.count)
    return try decode(bytes, as: type)
  }

  // SAFETY: the bytes hold until the next use of the call, and decoding copies what it keeps.
  @inlinable
  final func decode<M: Message>(_ bytes: UnsafeRawBufferPointer, as type: M.Type) throws -> M {
    if codec == .json { return try decodeJSON(bytes, as: type) }
    do {
      return try M(decoding: bytes.bytes)
    } catch {
      throw undecodable(M.protoName, error)
    }
  }

  @usableFromInline
  final func undecodable(_ name: String, _ error: any Error) -> RPCError {
    RPCError(codeOfUndecodable, "the \(incomingName) is not a valid \(name): \(error)")
  }

  // SAFETY: as for the binary format.
  @usableFromInline
  final func decodeJSON<M: Message>(_ bytes: UnsafeRawBufferPointer, as type: M.Type) throws -> M {
    var options = JSONDecodingOptions()
    options.ignoresUnknownFields = true
    do {
      return try M(json: bytes.bytes, adding: overlay?.fields ?? [], options: options)
    } catch {
      let moved = error.moved(back: overlay?.prefixBytes ?? 0, behind: overlay?.lines ?? 0)
      throw undecodable(M.protoName, moved)
    }
  }

  /// The one message of a unary or server streaming call, when it can be had without a suspension: nil off
  /// the loop, or when it is not there. Any thread.
  @inlinable
  final func readyMessage<M: Message>(_ type: M.Type) throws -> M? {
    executor.isCurrent ? try takeDecoded(type) : nil
  }

  /// The one message of a unary or server streaming call. Any thread.
  @usableFromInline
  final func singleMessage<M: Message>(_ type: M.Type) async throws -> M {
    guard let message = try await nextMessage(type) else {
      throw RPCError(.internal, "the \(incomingName) ended before its message")
    }
    return message
  }

  /// The next message, waiting for it; nil after the last. Any thread.
  @usableFromInline
  final func nextMessage<M: Message>(_ type: M.Type) async throws -> M? {
    guard executor.isCurrent else {
      return try await executor.perform { try await self.nextMessage(type) }
    }
    while true {
      if let cancellation { throw cancellation }
      if let message = try takeDecoded(type) { return message }
      if isHalfClosed { return nil }
      if isFinished { throw RPCError(.internal, "a message was read after the call had ended") }
      try await waitForMessage()
      if !wasCancelled { try Task.checkCancellation() }
    }
  }

  /// Encodes and sends one message in the call's codec. Loop only.
  /// - Throws: `INTERNAL` for a message that has no JSON form.
  @inlinable
  final func sendEncoded<M: Message>(_ message: M) throws {
    if sentCodec == .json { try sendJSON(message) } else { send(message) }
  }

  /// Encodes and sends one message in binary. Loop only.
  @inlinable
  final func send<M: Message>(_ message: M) {
    message.withEncoded { writer in
      writesMessage(writer.count)
      writeMessage(&writer)
    }
  }

  @usableFromInline
  final func sendJSON<M: Message>(_ message: M) throws {
    do {
      try message.withJSON { text in
        writesMessage(text.byteCount)
        text.withUnsafeBytes { writeText($0) }
      }
    } catch {
      throw RPCError(.internal, "the \(M.protoName) has no JSON form: \(error)")
    }
  }

  /// Sends the one message of a response, when that can be done without a suspension: false off the loop.
  @inlinable
  final func respond<M: Message>(_ message: M) throws -> Bool {
    guard executor.isCurrent, !isFinished else { return false }
    try sendEncoded(message)
    return true
  }

  /// Sends one message and waits until there is room for the next. Any thread.
  /// - Throws: the reason when the call has ended.
  @inlinable
  final func write<M: Message>(_ message: M) async throws {
    if executor.isCurrent, !isFinished, hasRoom {
      try sendEncoded(message)
      if hasRoom { return }
      return try await roomAfterWrite()
    }
    try await writeFromElsewhere(message)
  }

  @usableFromInline
  final func writeFromElsewhere<M: Message>(_ message: M) async throws {
    guard executor.isCurrent else {
      return try await executor.perform { try await self.writeFromElsewhere(message) }
    }
    // Another task may have filled the room while this one was on its way.
    while !isFinished, !hasRoom {
      await waitForRoom()
      if !wasCancelled { try Task.checkCancellation() }
    }
    if isFinished { throw endOfCall }
    try sendEncoded(message)
  }

  /// Waits after a write that used up the room.
  @usableFromInline
  final func roomAfterWrite() async throws {
    while !isFinished, !hasRoom {
      await waitForRoom()
      if !wasCancelled { try Task.checkCancellation() }
    }
    if let cancellation { throw cancellation }
  }

  /// Why nothing more can be written.
  private final var endOfCall: RPCError { cancellation ?? refusalToWrite }
}
