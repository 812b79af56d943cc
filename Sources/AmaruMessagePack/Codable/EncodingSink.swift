// SPDX-License-Identifier: Apache-2.0

/// Where frames write that are open one inside the other.
///
/// A nested container or a superclass's encoder may be written to in any order, so it gets a sink
/// of its own, whose bytes are put into its place at the end.
final class EncodingSink {
  var writer = MessagePackWriter()

  /// The frame that may write now: the innermost one that is open.
  var top: ObjectIdentifier?

  /// What is written elsewhere and belongs in front of the byte with this offset.
  private var inserts: [(offset: Int, frame: EncodingFrame)] = []

  /// Puts what a frame writes to its own sink at the current place.
  func insert(_ frame: EncodingFrame) {
    inserts.append((writer.count, frame))
  }

  /// Writes the header of a container over the byte that was left for it.
  func closeContainer(at offset: Int, _ count: Int, isMap: Bool) {
    let shift = writer.closeContainer(at: offset, count, isMap: isMap)
    guard shift > 0, !inserts.isEmpty else { return }
    for index in inserts.indices where inserts[index].offset > offset {
      inserts[index].offset += shift
    }
  }

  /// Lets go of what is written elsewhere: its frames refer to the frames of this sink.
  func release() {
    let frames = inserts.map(\.frame)
    inserts = []
    for frame in frames { frame.sink.release() }
  }

  /// All bytes, when every frame of the sink was ended.
  func finish() throws(MessagePackError) -> [UInt8] {
    if writer.hasOverflowed { throw .overflow }
    if inserts.isEmpty { return writer.takeBytes() }
    let own = writer.takeBytes()
    var bytes: [UInt8] = []
    var done = 0
    for (offset, frame) in inserts {
      bytes += own[done..<offset]
      try frame.end()
      bytes += try frame.sink.finish()
      done = offset
    }
    return bytes + own[done...]
  }
}
