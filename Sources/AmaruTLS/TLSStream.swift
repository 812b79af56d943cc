// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import COpenSSL

/// TLS between a socket and the handler of its plaintext, without I/O. Confined to its loop.
///
/// ```
///   socket --receive--> TLSStream --plaintext--> inner handler
///   socket <--produce-- TLSStream <--plaintext-- inner handler
/// ```
///
/// The inner handler is given nothing and asked for nothing before the handshake is done. Memory is bounded: what
/// comes in is decrypted at once, but for the part of one record, and OpenSSL limits a handshake's messages.
package final class TLSStream: ByteStreamHandler {
  private enum State { case handshaking, open, ended, failed, closed }

  /// What a record may add to its plaintext: 29 bytes with the ciphers of TLS 1.2, 22 with TLS 1.3.
  private static let recordOverhead = 64
  private static let recordBytes = 1 << 14

  // SAFETY: OpenSSL's session is freed in `deinit` with its two buffers.
  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  private let context: TLSContext
  private let inner: any ByteStreamHandler
  private let buffers: TLSBuffers
  private weak var owner: (any TLSStreamOwner)?
  private var state = State.handshaking
  private var hasStarted = false
  /// The peer has sent something.
  private var hasHeard = false
  /// The name that the server's certificate must have.
  private var wantedName: String?
  private var refusal: TLSError?

  /// The server's side of a connection.
  /// - Throws: ``TLSError`` when there is no memory.
  package static func server(
    inner: any ByteStreamHandler, context: TLSContext, buffers: TLSBuffers,
    owner: any TLSStreamOwner
  ) throws(TLSError) -> TLSStream {
    let stream = try TLSStream(inner: inner, context: context, buffers: buffers, owner: owner)
    SSL_set_accept_state(stream.ssl)
    return stream
  }

  /// The client's side of a connection to `serverName`, a host's name or address without a port; the settings'
  /// own name comes first. It begins to speak when it is first asked for bytes.
  /// - Throws: ``TLSError`` when there is no memory or the name is none.
  package static func client(
    inner: any ByteStreamHandler, context: TLSContext, serverName: String, buffers: TLSBuffers,
    owner: any TLSStreamOwner
  ) throws(TLSError) -> TLSStream {
    let stream = try TLSStream(inner: inner, context: context, buffers: buffers, owner: owner)
    SSL_set_connect_state(stream.ssl)
    try stream.expect(context.serverName ?? serverName)
    return stream
  }

  private init(
    inner: any ByteStreamHandler, context: TLSContext, buffers: TLSBuffers,
    owner: any TLSStreamOwner
  ) throws(TLSError) {
    guard let ssl = SSL_new(context.pointer) else {
      throw TLSError("cannot begin a TLS session: \(OpenSSL.takeReason())")
    }
    guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
      SSL_free(ssl)
      throw TLSError("cannot begin a TLS session: \(OpenSSL.takeReason())")
    }
    // The session owns both from here on.
    SSL_set_bio(ssl, incoming, outgoing)
    self.ssl = ssl
    self.incoming = incoming
    self.outgoing = outgoing
    self.context = context
    self.inner = inner
    self.buffers = buffers
    self.owner = owner
    // SAFETY: the session, which has the pointer, does not outlive the stream.
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
    SSL_set_verify(ssl, context.verifyMode, noteRefusal)
  }

  deinit {
    // A connection that was lost says nothing against its session; OpenSSL has taken those that failed from use.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    SSL_free(ssl)
  }

  /// Sends and verifies the name of the server.
  private func expect(_ name: String) throws(TLSError) {
    var host = name[...]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    if host.last == "." { host = host.dropLast() }
    let text = String(host)
    guard !text.isEmpty, !text.utf8.contains(0) else {
      throw TLSError("the server's name \"\(name)\" is none that a certificate could have")
    }
    wantedName = text
    try verify(text)
    if let session = context.sessions.take(text) { SSL_set_session(ssl, session.pointer) }
  }

  private func verify(_ name: String) throws(TLSError) {
    let parameters = SSL_get0_param(ssl)
    X509_VERIFY_PARAM_set_hostflags(
      parameters,
      UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
    if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return }
    ERR_clear_error()
    let isSet = name.withCString { pointer in
      X509_VERIFY_PARAM_set1_host(parameters, pointer, 0) == 1
        && SSL_ctrl(
          ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
          UnsafeMutableRawPointer(mutating: pointer)) == 1
    }
    guard isSet else {
      throw TLSError("the server's name \"\(name)\" is none that a certificate could have")
    }
  }

  // MARK: ByteStreamHandler

  package func receive(_ bytes: UnsafeRawBufferPointer) {
    guard state == .handshaking || state == .open, !bytes.isEmpty else { return }
    hasHeard = true
    var written = 0
    guard BIO_write_ex(incoming, bytes.baseAddress, bytes.count, &written) == 1,
      written == bytes.count
    else { return fail(TLSError("no memory for what the peer sends")) }
    if state == .handshaking { shakeHands() }
    if state == .open { readAll() }
    if state != .closed, BIO_ctrl_pending(outgoing) > 0 { owner?.tlsHasOutput() }
  }

  package func produce(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if state == .handshaking, !hasStarted { shakeHands() }
    var count = takeOutput(into: buffer, at: 0)
    guard state == .open, BIO_ctrl_pending(outgoing) == 0 else { return count }
    let room = plaintextRoom(buffer.count - count)
    guard room >= plaintextRoom(buffer.count) / 2 else {
      owner?.tlsHasOutput()
      return count
    }
    let plaintext = UnsafeMutableRawBufferPointer(rebasing: buffers.output[..<room])
    let made = inner.produce(into: plaintext)
    guard state == .open else { return count }
    if made > 0 {
      encrypt(UnsafeRawBufferPointer(rebasing: plaintext[..<made]))
      // The inner handler may have more, which the count of encrypted bytes would not show.
      if made >= room / 2 { owner?.tlsHasOutput() }
    } else if inner.isDone {
      end()
    }
    count += takeOutput(into: buffer, at: count)
    return count
  }

  package var isDone: Bool {
    switch state {
    case .handshaking, .open: inner.isDone
    case .ended, .failed, .closed: true
    }
  }

  package func closed() {
    guard state != .closed else { return }
    let wasHandshaking = state == .handshaking
    state = .closed
    // Port scanners connect to a server and say nothing.
    if wasHandshaking, hasHeard || !context.isServer {
      let peer = context.isServer ? "the client" : "the server"
      owner?.tlsFailed(TLSError("\(peer) closed the connection during the TLS handshake"))
    }
    inner.closed()
  }

  // MARK: OpenSSL

  private func shakeHands() {
    hasStarted = true
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    guard result == 1 else {
      let reason = SSL_get_error(ssl, result)
      if reason != SSL_ERROR_WANT_READ { fail(takeError()) }
      return
    }
    let chosen = applicationProtocol
    guard context.isServer || chosen == "h2" else {
      end()
      state = .failed
      owner?.tlsFailed(TLSError("the server did not agree to speak HTTP/2 (ALPN h2)"))
      owner?.tlsHasOutput()
      return
    }
    state = .open
    let peer = SSL_get0_peer_certificate(ssl).map { Certificate(sharing: $0).identity }
    owner?.handshakeFinished(
      TLSHandshake(
        version: SSL_get_version(ssl).map { String(cString: $0) } ?? "",
        applicationProtocol: chosen, peer: peer, isResumed: SSL_session_reused(ssl) == 1))
    if state == .open { owner?.tlsHasOutput() }
  }

  private var applicationProtocol: String? {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    guard let name, count > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
  }

  /// Decrypts all that is there, and hands it to the inner handler in pieces as large as the buffer allows.
  private func readAll() {
    let input = buffers.input
    while state == .open {
      var filled = 0
      var reason = SSL_ERROR_NONE
      while reason == SSL_ERROR_NONE, input.count - filled >= Self.recordBytes {
        var count = 0
        ERR_clear_error()
        let result = SSL_read_ex(
          ssl, input.baseAddress.map { $0 + filled }, input.count - filled, &count)
        if result == 1 { filled += count } else { reason = SSL_get_error(ssl, result) }
      }
      // Taken before others use OpenSSL on this thread.
      let isError = ![SSL_ERROR_NONE, SSL_ERROR_WANT_READ, SSL_ERROR_ZERO_RETURN].contains(reason)
      let error = isError ? takeError() : nil
      if filled > 0 { inner.receive(UnsafeRawBufferPointer(rebasing: input[..<filled])) }
      guard state == .open else { return }
      if let error { return fail(error) }
      if reason == SSL_ERROR_ZERO_RETURN {
        end()
        owner?.tlsHasOutput()
      }
      if reason != SSL_ERROR_NONE { return }
    }
  }

  private func encrypt(_ plaintext: UnsafeRawBufferPointer) {
    var written = 0
    ERR_clear_error()
    let result = SSL_write_ex(ssl, plaintext.baseAddress, plaintext.count, &written)
    if result != 1 { fail(takeError()) }
  }

  /// Says `close_notify`; nothing is sent or taken after it.
  private func end() {
    ERR_clear_error()
    SSL_shutdown(ssl)
    ERR_clear_error()
    state = .ended
  }

  private func fail(_ error: TLSError) {
    state = .failed
    owner?.tlsFailed(error)
    if state == .failed { owner?.tlsHasOutput() }
  }

  /// Moves encrypted bytes to the end of `buffer`; gives their number.
  private func takeOutput(into buffer: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
    guard start < buffer.count, BIO_ctrl_pending(outgoing) > 0 else { return 0 }
    var count = 0
    let result = BIO_read_ex(
      outgoing, buffer.baseAddress.map { $0 + start }, buffer.count - start, &count)
    return result == 1 ? count : 0
  }

  /// The most plaintext whose records fit into `bytes`.
  private func plaintextRoom(_ bytes: Int) -> Int {
    let record = Self.recordBytes + Self.recordOverhead
    let rest = max(0, bytes % record - Self.recordOverhead)
    return min(bytes / record * Self.recordBytes + rest, buffers.output.count)
  }

  /// Keeps a session for the next connection to the server.
  fileprivate func keep(_ session: OpaquePointer) {
    let session = TLSSession(owning: session)
    if let wantedName { context.sessions.keep(session, for: wantedName) }
  }

  /// The stream that has the session `ssl`.
  fileprivate static func of(_ ssl: OpaquePointer?) -> TLSStream? {
    guard let ssl, let stream = SSL_get_ex_data(ssl, 0) else { return nil }
    return Unmanaged<TLSStream>.fromOpaque(stream).takeUnretainedValue()
  }

  // MARK: Errors

  private func takeError() -> TLSError {
    let error = refusal ?? TLSFailure.error(ERR_get_error(), isServer: context.isServer)
    ERR_clear_error()
    return error
  }

  /// Takes note of why a certificate is refused.
  fileprivate func note(_ store: OpaquePointer) {
    guard refusal == nil else { return }
    refusal = TLSFailure.refusal(
      store, isServer: context.isServer, wantedName: wantedName, authorities: context.authorities)
  }
}

/// Called by OpenSSL for each certificate that it has looked at; leaves the verdict as it is.
private let noteRefusal: @convention(c) (Int32, OpaquePointer?) -> Int32 = { verdict, store in
  guard verdict == 0, let store,
    let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
  else { return verdict }
  TLSStream.of(OpaquePointer(ssl))?.note(store)
  return 0
}

/// Called by OpenSSL when a client has a session that can be resumed. 1 takes it over.
let keepSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, session in
  guard let session, let stream = TLSStream.of(ssl) else { return 0 }
  stream.keep(session)
  return 1
}
