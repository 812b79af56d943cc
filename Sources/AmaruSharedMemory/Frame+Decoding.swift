// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension Frame {
  /// Takes a record apart.
  ///
  /// - Parameter body: A private copy of the record's body, as ``RingReader/body`` is.
  /// - Throws: ``SharedMemoryError/malformedFrame(_:)``. How large a message may be is for its call to say.
  package init(
    _ header: RecordHeader, _ body: RawSpan, limits: FrameLimits
  ) throws(SharedMemoryError) {
    guard let kind = FrameKind(rawValue: header.kind) else {
      throw .malformedFrame("unknown kind \(header.kind)")
    }
    guard header.flags & ~(kind == .message ? FrameKind.inSlot | FrameKind.more : 0) == 0 else {
      throw .malformedFrame("unknown flags \(header.flags)")
    }
    var reader = ByteReader(body)
    let id = try reader.read(UInt64.self)
    guard id != 0 else { throw .malformedFrame("a call of id 0") }
    switch kind {
    case .call:
      let deadline = try reader.read(UInt64.self)
      let length = Int(try reader.read(UInt16.self))
      guard length > 0, length <= limits.maxMethodBytes else {
        throw .malformedFrame("a method's name of \(length) bytes")
      }
      let method = try reader.readText(length)
      let metadata = try Metadata(&reader, limits)
      let head = CallHead(
        method: method, deadline: deadline == .max ? nil : Deadline(nanoseconds: deadline),
        metadata: metadata)
      self = .call(id: id, head)
    case .message where header.flags & FrameKind.inSlot != 0:
      let slotClass = Int(try reader.read(UInt32.self))
      let index = Int(try reader.read(UInt32.self))
      let length = Int(clamping: try reader.read(UInt64.self))
      let slot = SlotReference(slotClass: slotClass, index: index, length: length)
      self = .message(id: id, .slot(slot), more: header.flags & FrameKind.more != 0)
    case .message:
      let bytes = try reader.readBytes(reader.remaining)
      self = .message(id: id, .inline(bytes), more: header.flags & FrameKind.more != 0)
    case .end: self = .end(id: id)
    case .head: self = .head(id: id, try Metadata(&reader, limits))
    case .status: self = .status(id: id, try CallStatus(&reader, limits))
    case .cancel: self = .cancel(id: id)
    case .credit:
      let bytes = try reader.read(UInt64.self)
      guard bytes > 0 else { throw .malformedFrame("a credit of nothing") }
      self = .credit(id: id, bytes: bytes)
    }
    guard reader.remaining == 0 else {
      throw .malformedFrame("\(reader.remaining) bytes behind its end")
    }
  }
}

extension CallStatus {
  fileprivate init(
    _ reader: inout ByteReader, _ limits: FrameLimits
  ) throws(SharedMemoryError) {
    let number = try reader.read(UInt32.self)
    guard let code = StatusCode(rawValue: Int(number)) else {
      throw .malformedFrame("unknown status \(number)")
    }
    let messageLength = Int(try reader.read(UInt32.self))
    guard messageLength <= limits.maxStatusBytes else {
      throw .malformedFrame("a status's message of \(messageLength) bytes")
    }
    let message = try reader.readText(messageLength)
    let detailsLength = Int(try reader.read(UInt32.self))
    guard detailsLength <= limits.maxStatusBytes else {
      throw .malformedFrame("a status's details of \(detailsLength) bytes")
    }
    let details = try reader.readBytes(detailsLength)
    let trailers = try Metadata(&reader, limits)
    self.init(code: code, message: message, details: details, trailers: trailers)
  }
}

extension Metadata {
  fileprivate init(
    _ reader: inout ByteReader, _ limits: FrameLimits
  ) throws(SharedMemoryError) {
    self.init()
    let count = Int(try reader.read(UInt16.self))
    guard count <= limits.maxMetadataEntries else {
      throw .malformedFrame("\(count) entries of metadata")
    }
    var bytesLeft = limits.maxMetadataBytes
    for _ in 0..<count {
      let nameLength = Int(try reader.read(UInt16.self))
      let name = try reader.readText(nameLength)
      let valueLength = Int(try reader.read(UInt32.self))
      bytesLeft -= nameLength + valueLength + 32
      guard bytesLeft >= 0 else {
        throw .malformedFrame("metadata of more than \(limits.maxMetadataBytes) bytes")
      }
      try add(reader: &reader, name, valueLength)
    }
  }

  private mutating func add(
    reader: inout ByteReader, _ name: String, _ length: Int
  ) throws(SharedMemoryError) {
    let isBinary = name.hasSuffix("-bin")
    let bytes = isBinary ? try reader.readBytes(length) : []
    let text = isBinary ? "" : try reader.readText(length)
    do throws(MetadataError) {
      if isBinary { try add(name, bytes) } else { try add(name, text) }
    } catch {
      throw .malformedFrame("metadata: \(error)")
    }
  }
}
