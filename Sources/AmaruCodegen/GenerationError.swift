// SPDX-License-Identifier: Apache-2.0

/// Says in one line why no code can be generated: where, what, and the cure.
public struct GenerationError: Error, Hashable, CustomStringConvertible {
  /// The whole line, without a line feed.
  public let description: String

  /// Makes an error that is about one file or one name in it.
  init(file: String, name: String? = nil, _ problem: String) {
    let place = [file, name].compactMap { $0 }.joined(separator: ": ")
    description = "\(place): \(problem)"
  }

  /// Makes an error that is about the generator's options.
  init(option: String, _ problem: String) {
    description = "option \(option): \(problem)"
  }
}
