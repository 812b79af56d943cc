// SPDX-License-Identifier: Apache-2.0

/// Why a listener refuses a connection, as the handshake's answer carries it.
package struct Refusal: Hashable, Sendable {
  /// The number on the wire; never 0, which means that the connection is accepted.
  package let code: UInt32

  /// A refusal with a number that this version may not know.
  package init(code: UInt32) { self.code = code }

  /// The listener speaks other versions only; the answer carries the one that it would take.
  package static let version = Refusal(code: 1)
  /// The hello is malformed, or its descriptors are not what they should be.
  package static let malformed = Refusal(code: 2)
  /// The segment's layout, size or seals are not allowed, or cross the listener's limits.
  package static let segment = Refusal(code: 3)
  /// The caller acts for another user.
  package static let user = Refusal(code: 4)
  /// The listener takes no more connections.
  package static let busy = Refusal(code: 5)

  /// The refusal's name in an error's text.
  package var name: String {
    switch self {
    case .version: "version"
    case .malformed: "malformed"
    case .segment: "segment"
    case .user: "user"
    case .busy: "busy"
    default: "code \(code)"
    }
  }
}
