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
      with(user) { $0.beganHeaders(frame!.pointee) }
    }
    nghttp2_session_callbacks_set_on_header_callback2(table) {
      _, _, name, value, _, user in
      with(user) { $0.receivedField(name!, value!) }
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(table) { _, frame, user in
      with(user) { $0.receivedFrame(frame!) }
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table) {
      _, _, id, bytes, count, user in
      with(user) { $0.receivedBody(id, UnsafeRawBufferPointer(start: bytes, count: count)) }
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(table) { _, id, code, user in
      with(user) { $0.closedStream(id, code) }
    }
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(table) { _, _, _, user in
      with(user) { $0.receivedInvalidFrame() }
    }
    nghttp2_session_callbacks_set_on_frame_not_send_callback(table) { _, frame, code, user in
      with(user) { $0.couldNotSend(frame!.pointee, code) }
    }
    nghttp2_session_callbacks_set_send_data_callback(table) {
      _, frame, header, count, source, user in
      let padding = frame!.pointee.data.padlen
      return Unmanaged<HTTP2Connection>.fromOpaque(user!)._withUnsafeGuaranteedRef { connection in
        Unmanaged<HTTP2Stream>.fromOpaque(source!.pointee.ptr)._withUnsafeGuaranteedRef {
          connection.sendBody(of: $0, header: header!, count: count, padding: padding)
        }
      }
    }
    return table
  }()

  /// nghttp2 asks how much body there is to send.
  static let readBody: nghttp2_data_source_read_callback = { _, _, _, limit, flags, source, _ in
    Unmanaged<HTTP2Stream>.fromOpaque(source!.pointee.ptr)._withUnsafeGuaranteedRef {
      $0.nextFrame(limit, &flags!.pointee)
    }
  }

  /// Does `body` with the connection, without counting a reference; 0, which is success to nghttp2.
  @inline(__always)
  private static func with(
    _ user: UnsafeMutableRawPointer?, _ body: (HTTP2Connection) -> Void
  ) -> Int32 {
    Unmanaged<HTTP2Connection>.fromOpaque(user!)._withUnsafeGuaranteedRef { body($0) }
    return 0
  }
}
