// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The words of OpenSSL's errors, which it keeps in a queue per thread.
enum OpenSSL {
  /// What OpenSSL calls the error `code`.
  static func reason(_ code: UInt) -> String {
    guard code != 0 else { return "no reason given" }
    guard let text = ERR_reason_error_string(code) else { return "OpenSSL's error \(code)" }
    return String(cString: text)
  }

  /// What OpenSSL calls the first error in the queue, which is emptied.
  static func takeReason() -> String {
    let code = ERR_get_error()
    ERR_clear_error()
    return reason(code)
  }
}
