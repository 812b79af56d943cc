// SPDX-License-Identifier: Apache-2.0

/// What stands behind the command, as names and values.
struct Arguments {
  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  let command: String
  private var values: [String: String] = [:]

  init(_ arguments: ArraySlice<String>) {
    var rest = arguments
    command = rest.popFirst() ?? ""
    while let name = rest.popFirst() {
      let hasValue = rest.first.map { !$0.hasPrefix("--") } ?? false
      values[name] = hasValue ? rest.popFirst() : ""
    }
  }

  /// The value of `name`; nil when it is not there.
  func text(_ name: String) -> String? { values[name] }

  /// The value of `name`, which must be there.
  func needed(_ name: String) throws -> String {
    guard let value = values[name] else { throw Malformed(description: "\(name) is missing") }
    return value
  }

  /// The number after `name`.
  func number(_ name: String, default standard: Int) throws -> Int {
    guard let text = values[name] else { return standard }
    guard let number = Int(text) else {
      throw Malformed(description: "\(name) \(text) is no number")
    }
    return number
  }
}
