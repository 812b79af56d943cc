// SPDX-License-Identifier: Apache-2.0
import CAmaruLinux
import Glibc

/// A system call that failed, and on what.
package struct IOError: Error, Sendable, CustomStringConvertible {
  /// What was tried, such as `listen on 127.0.0.1:50051`.
  package let action: String
  /// The system's error number; 0 where it gave only a text.
  package let code: Int32
  private let reason: String

  /// The failure of `action` with the error number `code`, by default the thread's present one.
  package init(_ action: String, code: Int32 = errno) {
    self.action = action
    self.code = code
    reason = String(cString: strerror(code))
  }

  /// The failure of `action` for a reason that the system gave as text.
  package init(_ action: String, reason: String) {
    self.action = action
    self.reason = reason
    code = 0
  }

  /// `cannot listen on 127.0.0.1:50051: Address already in use`, and the cure where there is one.
  package var description: String {
    let cure =
      switch code {
      case EADDRINUSE: "; stop what uses it or choose another address"
      case EACCES: "; choose a port above 1023 or a folder that you may write to"
      case EMFILE: "; raise the limit of open files (ulimit -n)"
      default: ""
      }
    return "cannot \(action): \(reason)\(cure)"
  }
}
