// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP

/// The lines of a body, or its pieces as they come: kept, taken one by one, and the peer's credit for them given back only then.
/// Confined to its loop.
struct LineReceiver: ~Copyable {
  /// Credit is given in pieces of this many bytes, or when there is nothing left to take.
  private static let creditBytes = 16 << 10
  private static let newline = UInt8(ascii: "\n")

  private let maxLineBytes: Int
  /// Whether a line is what ends with a newline; otherwise whatever has come.
  private let splitsLines: Bool
  private var queue = ByteQueue()
  /// How many bytes from the front were searched for ends of lines.
  private var searched = 0
  /// Bytes behind the last end of a line.
  private var restBytes = 0
  /// Lines that can be taken, empty ones too.
  private var lineCount = 0
  /// Lines in front of the one last taken, empty ones too.
  private(set) var linesBefore = 0
  private var takenLines = 0
  /// Whether a piece was given out, or can be.
  private var hasPiece = false
  private var taken = 0
  private var uncredited = 0

  /// - Parameter splitsLines: whether the body is text in lines; otherwise it is given out in pieces of any size, at least one.
  init(maxLineBytes: Int, splitsLines: Bool) {
    self.maxLineBytes = maxLineBytes
    self.splitsLines = splitsLines
  }

  /// Whether something can be taken.
  var hasLine: Bool { lineCount > 0 }

  /// Keeps received bytes. With `end`, the last line needs no end of its own.
  /// - Throws: `RESOURCE_EXHAUSTED` for a line over the limit.
  mutating func keep(
    _ bytes: UnsafeRawBufferPointer, _ stream: (any HTTPStream)?, end: Bool
  ) throws(RPCError) {
    uncredited += bytes.count
    stream?.kept(bytes.count)
    queue.append(bytes)
    guard splitsLines else {
      if bytes.count > 0 || (end && !hasPiece) { lineCount = 1 }
      hasPiece = hasPiece || lineCount > 0
      return
    }
    let all = queue.bytes
    while searched < all.count {
      let byte = all[searched]
      searched += 1
      if byte == Self.newline {
        restBytes = 0
        lineCount += 1
        continue
      }
      restBytes += 1
      guard restBytes <= maxLineBytes else {
        throw RPCError(
          .resourceExhausted,
          "line \(takenLines + lineCount + 1) is longer than the limit of \(maxLineBytes) bytes")
      }
    }
    if end, restBytes > 0 { lineCount += 1 }
    if lineCount == 0 { credit(stream) }
  }

  /// Removes the next line that is not blank; nil when none is there. The bytes hold until the next change.
  mutating func take(_ stream: (any HTTPStream)?) -> UnsafeRawBufferPointer? {
    guard splitsLines else { return takePiece(stream) }
    while lineCount > 0 {
      lineCount -= 1
      linesBefore = takenLines
      takenLines += 1
      let bytes = queue.bytes
      let count = bytes.firstIndex(of: Self.newline) ?? bytes.count
      let used = min(count + 1, bytes.count)
      queue.drop(used)
      searched -= used
      taken += used
      if lineCount == 0 || taken >= Self.creditBytes { credit(stream) }
      let line = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) { return line }
    }
    return nil
  }

  private mutating func takePiece(
    _ stream: (any HTTPStream)?
  ) -> UnsafeRawBufferPointer? {
    guard lineCount > 0 else { return nil }
    let bytes = queue.bytes
    let count = min(bytes.count, maxLineBytes)
    queue.drop(count)
    lineCount = count < bytes.count ? 1 : 0
    taken += count
    credit(stream)
    return UnsafeRawBufferPointer(rebasing: bytes[..<count])
  }

  /// Lets go of everything.
  mutating func removeAll() {
    queue.removeAll()
    searched = 0
    restBytes = 0
    lineCount = 0
  }

  /// Gives the peer credit for what was taken, and, when no line is left, for the part of one.
  private mutating func credit(_ stream: (any HTTPStream)?) {
    let credit = lineCount == 0 ? uncredited : min(taken, uncredited)
    uncredited -= credit
    stream?.released(taken)
    stream?.credit(credit)
    taken = 0
  }
}
