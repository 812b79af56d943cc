// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import UsersAPI

// What a person sees of a message. Names and texts are others', and must not steer the terminal.

extension String {
  /// The text in one line, without control characters.
  var printable: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control: result += scalar == "\n" ? " / " : "?"
      case .lineSeparator, .paragraphSeparator: result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Google_Protobuf_Timestamp {
  /// The time in UTC, as `strftime` formats it.
  func formatted(_ format: String) -> String {
    guard isValid else { return "?" }
    var seconds = time_t(seconds)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, format, &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension UserResponse {
  /// The user in one line.
  var shown: String {
    let number = String(id)
    let margin = String(repeating: " ", count: max(0, 5 - number.count))
    let since = createdTime?.formatted("%Y-%m-%d %H:%M:%S") ?? "?"
    return "\(margin)\(number)  \(name.printable) <\(email.printable)>, since \(since) UTC"
  }
}

extension ChatMessage {
  /// The message in one line.
  var shown: String {
    let time = sentTime?.formatted("%H:%M:%S") ?? "?"
    return "[\(room.printable) \(time)] \(sender.printable): \(content.printable)"
  }
}
