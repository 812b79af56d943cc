// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Glibc

/// Certificates or a key in PEM form (`-----BEGIN ...-----`), and where they are.
public enum PEM: Sendable, Hashable {
  /// In a file, looked at again when it changes.
  case file(String)
  /// In this text.
  case text(String)

  /// The most bytes that are read of a file.
  package static let maxBytes = 16 << 20

  /// Its path, if it has one.
  package var path: String? {
    if case .file(let path) = self { path } else { nil }
  }

  /// What errors call it: the path, or that it is none.
  package var name: String { path ?? "given as text" }

  /// The bytes; `what` says in errors what they are, such as `the certificate`.
  package func read(_ what: String, maxBytes: Int = PEM.maxBytes) throws(TLSError) -> [UInt8] {
    switch self {
    case .text(let text):
      guard text.utf8.count <= maxBytes else {
        throw TLSError("cannot read \(what) \(name): it is larger than \(maxBytes) bytes")
      }
      return Array(text.utf8)
    case .file(let path):
      guard let file = fopen(path, "re") else { throw Self.unreadable(what, path) }
      defer { fclose(file) }
      var bytes: [UInt8] = []
      var piece = [UInt8](repeating: 0, count: 1 << 14)
      while bytes.count <= maxBytes {
        let count = fread(&piece, 1, piece.count, file)
        if count == 0 { break }
        bytes += piece[..<count]
      }
      guard ferror(file) == 0 else { throw Self.unreadable(what, path) }
      guard bytes.count <= maxBytes else {
        throw TLSError("cannot read \(what) \(path): it is larger than \(maxBytes) bytes")
      }
      return bytes
    }
  }

  private static func unreadable(_ what: String, _ path: String) -> TLSError {
    TLSError("cannot read \(what) \(path): \(String(cString: strerror(errno)))")
  }

  /// Every certificate in it, one at least.
  func certificates(_ what: String) throws(TLSError) -> [Certificate] {
    let bytes = try read(what)
    ERR_clear_error()
    let found = bytes.withUnsafeBytes { bytes -> [Certificate] in
      guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return [] }
      defer { BIO_free(bio) }
      var found: [Certificate] = []
      while let x509 = PEM_read_bio_X509(bio, nil, nil, nil) {
        found.append(Certificate(owning: x509))
      }
      return found
    }
    let end = ERR_peek_last_error()
    ERR_clear_error()
    let isEnd =
      ERR_GET_LIB(end) == ERR_LIB_PEM && ERR_GET_REASON(end) == Int32(PEM_R_NO_START_LINE)
    guard isEnd || end == 0 else {
      throw TLSError(
        "cannot read \(what) \(name): number \(found.count + 1) in it is damaged "
          + "(\(OpenSSL.reason(end)))")
    }
    guard !found.isEmpty else {
      throw TLSError(
        "cannot read \(what) \(name): no start line; -----BEGIN CERTIFICATE----- is wanted")
    }
    return found
  }

  /// The private key in it; the caller frees it.
  func privateKey() throws(TLSError) -> OpaquePointer {
    let bytes = try read("the key")
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("PRIVATE KEY-----") else {
      throw TLSError(
        "cannot read the key \(name): no start line; -----BEGIN PRIVATE KEY----- is wanted")
    }
    guard !text.contains("ENCRYPTED") else {
      throw TLSError("cannot read the key \(name): it is encrypted; give it without a passphrase")
    }
    ERR_clear_error()
    let key = bytes.withUnsafeBytes { bytes -> OpaquePointer? in
      guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(bytes.count)) else { return nil }
      defer { BIO_free(bio) }
      // Without a callback of its own, OpenSSL would ask for a passphrase at the terminal.
      return PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let key else {
      throw TLSError("cannot read the key \(name): it is damaged (\(OpenSSL.takeReason()))")
    }
    return key
  }
}
