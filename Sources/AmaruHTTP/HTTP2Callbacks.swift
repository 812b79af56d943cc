// SPDX-License-Identifier: Apache-2.0
import CNghttp2

/// What nghttp2 calls back: each finds its connection and stream and hands on.
// SAFETY: the user data of a session is its connection, which owns the session and is alive while it runs;
// that of a stream is an `HTTP2Stream` that its connection keeps until `on_stream_close`.
enum HTTP2Callbacks {
  /// The table, made once, never freed.
  nonisolated(unsafe) static let table: OpaquePointer? = {
    var table: OpaquePointer?
    guard nghttp2_session_callbacks_new(&table) == 0 else { return nil }
    nghttp2_session_callbacks_set_on_begin_headers_callback(table) { _, frame, user in
      connection(user).beganHeaders(frame!.pointee)
    }
    nghttp2_session_callbacks_set_on_header_callback(table) {
      _, frame, name, nameCount, value, valueCount, _, user in
      connection(user).receivedField(
        UnsafeRawBufferPointer(start: name, count: nameCount),
        UnsafeRawBufferPointer(start: value, count: valueCount))
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
      connection(user).receivedFrame(frame!.pointee)
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) {
      _, _, id, bytes, count, user in
      connection(user).receivedBody(id, UnsafeRawBufferPointer(start: bytes, count: count))
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(table) { _, id, code, user in
      connection(user).closedStream(id, code)
      return 0
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table) { _, _, _, user in
      connection(user).receivedAbuse()
      return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(table) {
      _, frame, header, count, source, user in
      let stream = stream(source!.pointee.ptr)
      return connection(user).sendBody(
        of: stream, header: header!, count: count, padding: frame!.pointee.data.padlen)
    }
    return table
  }()

  /// nghttp2 asks how much body there is to send.
  static let readBody: nghttp2_data_source_read_callback = {
    _, _, _, limit, flags, source, _ in
    stream(source!.pointee.ptr).nextFrame(limit, &flags!.pointee)
  }

  @inline(__always)
  private static func connection(_ user: UnsafeMutableRawPointer?) -> HTTP2Connection {
    Unmanaged<HTTP2Connection>.fromOpaque(user!)._withUnsafeGuaranteedRef { $0 }
  }

  @inline(__always)
  private static func stream(_ pointer: UnsafeMutableRawPointer?) -> HTTP2Stream {
    Unmanaged<HTTP2Stream>.fromOpaque(pointer!)._withUnsafeGuaranteedRef { $0 }
  }
}
