// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension Frame {
  /// The frame as a record's kind, flags and body.
  ///
  /// - Throws: ``SharedMemoryError/tooLarge(bytes:limit:)`` when a name or the number of entries does not fit its field.
  package func encoded() throws(SharedMemoryError) -> (kind: UInt8, flags: UInt8, body: [UInt8]) {
    var body: [UInt8] = []
    var flags: UInt8 = 0
    body.append(littleEndian: id)
    switch self {
    case .call(_, let head):
      body.append(littleEndian: head.deadline?.nanoseconds ?? .max)
      try body.append(short: [UInt8](head.method.utf8))
      try body.append(metadata: head.metadata)
    case .message(_, .inline(let bytes), let more):
      flags = more ? FrameKind.more : 0
      body += bytes
    case .message(_, .slot(let slot), let more):
      flags = FrameKind.inSlot | (more ? FrameKind.more : 0)
      body.append(littleEndian: UInt32(truncatingIfNeeded: slot.slotClass))
      body.append(littleEndian: UInt32(truncatingIfNeeded: slot.index))
      body.append(littleEndian: UInt64(truncatingIfNeeded: slot.length))
    case .head(_, let metadata): try body.append(metadata: metadata)
    case .status(_, let status):
      body.append(littleEndian: UInt32(truncatingIfNeeded: status.code.rawValue))
      try body.append(long: [UInt8](status.message.utf8))
      try body.append(long: status.details)
      try body.append(metadata: status.trailers)
    case .credit(_, let bytes): body.append(littleEndian: bytes)
    case .end, .cancel: break
    }
    return (kind.rawValue, flags, body)
  }

  private var kind: FrameKind {
    switch self {
    case .call: .call
    case .message: .message
    case .end: .end
    case .head: .head
    case .status: .status
    case .cancel: .cancel
    case .credit: .credit
    }
  }
}

extension [UInt8] {
  /// Adds bytes behind their number in 16 bits.
  fileprivate mutating func append(short bytes: [UInt8]) throws(SharedMemoryError) {
    guard let count = UInt16(exactly: bytes.count) else {
      throw .tooLarge(bytes: bytes.count, limit: Int(UInt16.max))
    }
    append(littleEndian: count)
    self += bytes
  }

  /// Adds bytes behind their number in 32 bits.
  fileprivate mutating func append(long bytes: [UInt8]) throws(SharedMemoryError) {
    guard let count = UInt32(exactly: bytes.count) else {
      throw .tooLarge(bytes: bytes.count, limit: Int(UInt32.max))
    }
    append(littleEndian: count)
    self += bytes
  }

  /// Adds metadata: the number of entries, then each entry's name and value.
  fileprivate mutating func append(metadata: Metadata) throws(SharedMemoryError) {
    guard let count = UInt16(exactly: metadata.count) else {
      throw .tooLarge(bytes: metadata.count, limit: Int(UInt16.max))
    }
    append(littleEndian: count)
    for entry in metadata.entries {
      try append(short: [UInt8](entry.name.utf8))
      switch entry.value {
      case .text(let text): try append(long: [UInt8](text.utf8))
      case .binary(let bytes): try append(long: bytes)
      }
    }
  }
}
