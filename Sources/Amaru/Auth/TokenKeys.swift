// SPDX-License-Identifier: Apache-2.0
import AmaruTLS

/// The keys that tokens may be signed with. Each key is for one algorithm: RSA for `RS256`, P-256 for `ES256`, Ed25519 for
/// `EdDSA`, a secret for `HS256`; what a token says never decides how its key is used.
///
/// Files are looked at again when a token comes in, once a second at most. A new file that cannot be used is logged, and
/// the keys that were there before stay in use.
public struct TokenKeys: Sendable, Hashable {
  /// The most keys of one source, and bytes of one document.
  static let maxKeys = 100
  static let maxBytes = 1 << 20

  enum Source: Sendable, Hashable {
    case publicKeys(PEM)
    case keySet(PEM)
    case secret([UInt8])
    case secretFile(String)
  }

  let sources: [Source]

  private init(_ source: Source) { sources = [source] }

  /// Keys of several sources.
  public init(_ several: [TokenKeys]) { sources = several.flatMap(\.sources) }

  /// Public keys (`-----BEGIN PUBLIC KEY-----`) or certificates in PEM form, 100 at most.
  public static func publicKeys(_ pem: PEM) -> TokenKeys { TokenKeys(.publicKeys(pem)) }

  /// A JSON Web Key Set (RFC 7517 5) in a file: 100 keys and 1 MiB at most. Keys of kinds that are not verified here, and
  /// those for encryption, are left out.
  public static func keySet(file path: String) -> TokenKeys { TokenKeys(.keySet(.file(path))) }

  /// A JSON Web Key Set (RFC 7517 5) as text.
  public static func keySet(_ text: String) -> TokenKeys { TokenKeys(.keySet(.text(text))) }

  /// A secret for `HS256`, 32 bytes at least.
  public static func secret(_ bytes: [UInt8]) -> TokenKeys { TokenKeys(.secret(bytes)) }

  /// A secret for `HS256` in a file, 32 bytes at least; one line break at its end is not part of it.
  public static func secret(file path: String) -> TokenKeys { TokenKeys(.secretFile(path)) }

  /// The paths of the files.
  var files: [String] {
    sources.compactMap { source in
      switch source {
      case .publicKeys(let pem), .keySet(let pem): pem.path
      case .secretFile(let path): path
      case .secret: nil
      }
    }
  }

  /// Reads all keys.
  /// - Throws: ``TLSError`` that names the file and what is wrong with it.
  func load() throws(TLSError) -> [TokenKey] {
    var keys: [TokenKey] = []
    for source in sources {
      switch source {
      case .publicKeys(let pem):
        let found = try pem.publicKeys(maxBytes: Self.maxBytes, maxCount: Self.maxKeys)
        keys += found.map { TokenKey(id: nil, key: $0) }
      case .keySet(let document): keys += try Self.keySet(document)
      case .secret(let bytes):
        keys.append(TokenKey(id: nil, key: try VerificationKey(secret: bytes)))
      case .secretFile(let path):
        var bytes = try PEM.file(path).read("the secret", maxBytes: Self.maxBytes)
        if bytes.last == 0x0a { bytes.removeLast() }
        if bytes.last == 0x0d { bytes.removeLast() }
        do throws(TLSError) {
          keys.append(TokenKey(id: nil, key: try VerificationKey(secret: bytes)))
        } catch {
          throw TLSError("cannot use the secret \(path): \(error)")
        }
      }
    }
    guard !keys.isEmpty else { throw TLSError("there is no key to verify tokens with") }
    return keys
  }
}
