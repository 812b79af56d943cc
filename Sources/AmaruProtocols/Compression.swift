// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import CZlib

/// Compresses and decompresses messages with zlib, whose state is kept and used again.
///
/// Confined to one loop. The state is made at the first use: a loop that never compresses pays nothing.
final class Compression {
  /// A ratio means little for a message of a size that costs nothing: up to this many bytes are always
  /// allowed. gRPC's own interop tests send 265 KiB of zeros, which inflate 930 times.
  static let alwaysAllowedBytes = 1 << 20

  private var inflater: UnsafeMutablePointer<z_stream>?
  private var deflaters: [ContentCoding: UnsafeMutablePointer<z_stream>] = [:]

  // SAFETY: each stream is initialised by zlib before it is kept, and freed here only.
  deinit {
    if let inflater {
      inflateEnd(inflater)
      inflater.deallocate()
    }
    for deflater in deflaters.values {
      deflateEnd(deflater)
      deflater.deallocate()
    }
  }

  /// The decompressed form of `bytes`, which zlib or gzip made.
  /// - Throws: `RESOURCE_EXHAUSTED` when it is longer than `maxBytes` or `maxRatio` times as long as `bytes`,
  ///   `INTERNAL` when `bytes` is malformed, cut short or followed by something.
  func decompress(
    _ bytes: UnsafeRawBufferPointer, maxBytes: Int, maxRatio: Int
  ) throws(RPCError) -> [UInt8] {
    let stream = try inflateStream()
    let (product, overflow) = bytes.count.multipliedReportingOverflow(by: maxRatio)
    let byRatio = overflow ? Int.max : max(product, Self.alwaysAllowedBytes)
    let limit = min(maxBytes, byRatio)
    var output: [UInt8] = []
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(clamping: bytes.count)
    var result = Z_OK
    repeat {
      // One byte beyond the limit is asked for, so that a message of just the limit is told from more.
      let chunk = min(max(4096, output.count), limit + 1 - output.count)
      var written = 0
      output.append(addingCapacity: chunk) { target in
        stream.pointee.next_out = target
        stream.pointee.avail_out = UInt32(chunk)
        result = inflate(stream, Z_NO_FLUSH)
        written = chunk - Int(stream.pointee.avail_out)
        return written
      }
      if output.count > limit {
        throw limit == maxBytes
          ? RPCError(
            .resourceExhausted,
            "the message is longer than the limit of \(maxBytes) bytes after decompression")
          : RPCError(
            .resourceExhausted,
            "the message inflates to more than \(maxRatio) times its compressed size")
      }
      if result == Z_BUF_ERROR || (result == Z_OK && written == 0) { break }
    } while result == Z_OK
    guard result == Z_STREAM_END, stream.pointee.avail_in == 0 else {
      throw RPCError(.internal, "the compressed message is malformed")
    }
    return output
  }

  /// The compressed form of `bytes`; nil when zlib has no memory.
  func compress(_ bytes: UnsafeRawBufferPointer, _ coding: ContentCoding) -> [UInt8]? {
    guard let stream = deflateStream(coding) else { return nil }
    let bound = Int(deflateBound(stream, UInt(bytes.count)))
    var output: [UInt8] = []
    var result = Z_OK
    output.append(addingCapacity: bound) { target in
      stream.pointee.next_in = UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = UInt32(clamping: bytes.count)
      stream.pointee.next_out = target
      stream.pointee.avail_out = UInt32(clamping: bound)
      result = deflate(stream, Z_FINISH)
      return bound - Int(stream.pointee.avail_out)
    }
    return result == Z_STREAM_END ? output : nil
  }

  private func inflateStream() throws(RPCError) -> UnsafeMutablePointer<z_stream> {
    if let inflater {
      inflateReset(inflater)
      return inflater
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 bits of window, and 32 to tell gzip from zlib by the header.
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else {
      stream.deallocate()
      throw RPCError(.resourceExhausted, "no memory to decompress the message")
    }
    inflater = stream
    return stream
  }

  private func deflateStream(_ coding: ContentCoding) -> UnsafeMutablePointer<z_stream>? {
    if let stream = deflaters[coding] {
      deflateReset(stream)
      return stream
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    // 16 asks for the gzip format.
    let window: Int32 = coding == .gzip ? 15 + 16 : 15
    guard
      deflateInit2_(
        stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        size) == Z_OK
    else {
      stream.deallocate()
      return nil
    }
    deflaters[coding] = stream
    return stream
  }
}

extension [UInt8] {
  /// Makes room for `count` bytes behind the last, lets `body` write there, and keeps as many as it says.
  fileprivate mutating func append(
    addingCapacity count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int
  ) {
    guard count > 0 else { return }
    let start = self.count
    self.append(contentsOf: repeatElement(0, count: count))
    let written = withUnsafeMutableBufferPointer { body($0.baseAddress! + start) }
    removeLast(count - Swift.min(Swift.max(written, 0), count))
  }
}
