// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux

/// The name under which a service is found on this machine, among those of one user.
///
/// It stands for `\0amaru/USER/NAME` in the abstract namespace of Unix sockets, which is no file: the
/// name is free again when its owner has died, however it died.
package struct ServiceName: Hashable, Sendable, CustomStringConvertible {
  package let description: String
  /// The user whose services are meant, by number.
  let user: UInt32

  /// The most bytes of a name.
  package static let maxBytes = 64

  /// A name of the user that this process acts as.
  ///
  /// - Throws: ``SharedMemoryError/invalidName(_:)`` unless it has 1 to 64 ASCII letters, digits, `.`, `_` or `-`, and
  ///   does not begin with `.` or `-`.
  package init(_ name: String) throws(SharedMemoryError) {
    try self.init(name, user: amaru_effective_user())
  }

  /// A name of another user, whose process will refuse this one.
  init(_ name: String, user: UInt32) throws(SharedMemoryError) {
    let bytes = name.utf8
    guard !bytes.isEmpty, bytes.count <= Self.maxBytes else {
      throw .invalidName(
        "\"\(name.prefix(80))\" has \(bytes.count) bytes, not 1 to \(Self.maxBytes)")
    }
    let isPlain = bytes.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
      default: false
      }
    }
    guard isPlain, bytes.first != 0x2d, bytes.first != 0x2e else {
      throw .invalidName("\"\(name)\" is not of letters, digits, '.', '_' and '-'")
    }
    description = name
    self.user = user
  }

  /// The name in the abstract namespace, without the zero in front.
  var abstract: String { "amaru/\(user)/\(description)" }
}
