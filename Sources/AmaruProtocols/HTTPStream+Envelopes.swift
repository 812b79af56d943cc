// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruHTTP
import AmaruProtobuf

extension HTTPStream {
  /// Sends one message with its prefix in front, compressed with `coding` unless zlib has no memory.
  func send(
    _ writer: inout BackWriter, _ coding: ContentCoding, _ compression: Compression
  ) {
    if coding != .identity,
      let compressed = writer.withWritten({ compression.compress($0, coding) })
    {
      withUnsafeTemporaryAllocation(byteCount: EnvelopeBuffer.prefixBytes, alignment: 1) { prefix in
        prefix.storeBytes(of: 1, as: UInt8.self)
        prefix.storeBytes(
          of: UInt32(clamping: compressed.count).bigEndian, toByteOffset: 1, as: UInt32.self)
        sendBody(UnsafeRawBufferPointer(prefix))
      }
      compressed.withUnsafeBytes { sendBody($0) }
      return
    }
    writer.prepend(bigEndian: UInt32(clamping: writer.count))
    writer.prepend(byte: 0)
    writer.withWritten { sendBody($0) }
  }
}
