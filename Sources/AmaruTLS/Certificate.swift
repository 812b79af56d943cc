// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruIO
import COpenSSL
import Glibc

/// An X.509 certificate. Never changes.
final class Certificate {
  let x509: OpaquePointer

  /// Takes a certificate over, and frees it in the end.
  init(owning x509: OpaquePointer) { self.x509 = x509 }

  /// Shares a certificate that somebody else keeps.
  convenience init(sharing x509: OpaquePointer) {
    X509_up_ref(x509)
    self.init(owning: x509)
  }

  deinit { X509_free(x509) }

  var subject: String { Self.text(X509_get_subject_name(x509)) }
  var issuer: String { Self.text(X509_get_issuer_name(x509)) }

  /// How errors call it.
  var name: String { subject.isEmpty ? "with an empty subject" : subject }

  /// When it begins and ceases to be valid, in UTC.
  var notBefore: String { Self.text(X509_get0_notBefore(x509)) }
  var notAfter: String { Self.text(X509_get0_notAfter(x509)) }

  /// Says that it has expired or is not valid yet; nil when it is valid now.
  var validityProblem: String? {
    // The result is negative when the time is past.
    if X509_cmp_current_time(X509_get0_notAfter(x509)) < 0 { return "expired on \(notAfter)" }
    if X509_cmp_current_time(X509_get0_notBefore(x509)) > 0 {
      return "is not valid before \(notBefore)"
    }
    return nil
  }

  /// The names by which a host or a person is known in it.
  func alternativeNames(_ kind: Int32) -> [String] {
    guard let names = X509_get_ext_d2i(x509, NID_subject_alt_name, nil, nil) else { return [] }
    let stack = OpaquePointer(names)
    defer { GENERAL_NAMES_free(stack) }
    var found: [String] = []
    for index in 0..<OPENSSL_sk_num(stack) {
      guard let entry = OPENSSL_sk_value(stack, index) else { continue }
      var type: Int32 = -1
      let value = GENERAL_NAME_get0_value(entry.assumingMemoryBound(to: GENERAL_NAME.self), &type)
      guard type == kind, let value else { continue }
      let string = value.assumingMemoryBound(to: ASN1_STRING.self)
      let bytes = UnsafeBufferPointer(
        start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
      found.append(
        kind == GEN_IPADD ? Self.address(bytes) : String(decoding: bytes, as: UTF8.self))
    }
    return found
  }

  /// The DNS names and addresses, as an error lists them.
  var hosts: String {
    let all = alternativeNames(GEN_DNS) + alternativeNames(GEN_IPADD)
    return all.isEmpty ? "no name of a host" : all.joined(separator: ", ")
  }

  var der: [UInt8] {
    let count = i2d_X509(x509, nil)
    guard count > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      var end = buffer.baseAddress
      filled = Int(max(0, i2d_X509(x509, &end)))
    }
  }

  /// The SHA-256 of the DER, in hex.
  var fingerprint: String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard X509_digest(x509, EVP_sha256(), &digest, &count) == 1 else { return "" }
    let digits = Array("0123456789abcdef".utf8)
    let hex = digest[..<Int(count)].flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: hex, as: UTF8.self)
  }

  var identity: PeerIdentity {
    PeerIdentity(
      subject: subject, issuer: issuer, dnsNames: alternativeNames(GEN_DNS),
      uris: alternativeNames(GEN_URI), certificate: der, fingerprint: fingerprint)
  }

  private static func text(_ name: OpaquePointer?) -> String {
    guard let name, let bio = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(bio) }
    guard X509_NAME_print_ex(bio, name, 0, amaru_name_flags()) >= 0 else { return "" }
    var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(bio)))
    var count = 0
    guard BIO_read_ex(bio, &bytes, bytes.count, &count) == 1 else { return "" }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func text(_ time: UnsafePointer<ASN1_TIME>?) -> String {
    var parts = tm()
    guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return "an unknown date" }
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
  }

  private static func address(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard bytes.count == 4 || bytes.count == 16 else { return "an address of \(bytes.count) bytes" }
    return bytes.baseAddress.map { PeerAddress.text(family, $0) } ?? "?"
  }
}
