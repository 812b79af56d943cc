// SPDX-License-Identifier: Apache-2.0

/// Says why bytes are not the value that was asked for, where, and at which key or element.
///
/// Writing throws it too, for the few values that have no MessagePack form.
public struct MessagePackError: Error {
  // One word, so that what may throw costs nothing to those that do not.
  private let storage: Storage

  private final class Storage: Sendable {
    let reason: Reason
    let offset: Int
    let path: [PathElement]
    let isRooted: Bool

    init(_ reason: Reason, _ offset: Int, _ path: [PathElement], isRooted: Bool) {
      self.reason = reason
      self.offset = offset
      self.path = path
      self.isRooted = isRooted
    }
  }

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - offset: Where the value begins, in bytes from the beginning of the input.
  ///   - path: The keys and elements from the value that is being read to the one that is wrong.
  public init(_ reason: Reason, offset: Int, path: [PathElement] = []) {
    storage = Storage(reason, offset, path, isRooted: false)
  }

  private init(_ storage: Storage) {
    self.storage = storage
  }

  /// What is wrong.
  public var reason: Reason { storage.reason }

  /// Where the value that is wrong begins, in bytes from the beginning of the input; where the map
  /// ends for a missing key. Zero in an error of writing.
  public var offset: Int { storage.offset }

  /// The keys and elements from the outermost value to the one that is wrong.
  public var path: [PathElement] { storage.path }

  /// The same error seen from the array or map around it.
  public func inside(_ element: PathElement) -> MessagePackError {
    if storage.isRooted { return self }
    return MessagePackError(
      Storage(storage.reason, storage.offset, [element] + storage.path, isRooted: false))
  }

  /// The same error with the path from the outermost value, unless it has that already.
  func rooted(at path: @autoclosure () -> [PathElement]) -> MessagePackError {
    if storage.isRooted { return self }
    return MessagePackError(
      Storage(storage.reason, storage.offset, path() + storage.path, isRooted: true))
  }
}

extension MessagePackError: Hashable {
  /// Whether reason, offset and path are the same.
  public static func == (left: MessagePackError, right: MessagePackError) -> Bool {
    left.reason == right.reason && left.offset == right.offset && left.path == right.path
  }

  /// Hashes reason, offset and path.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(reason)
    hasher.combine(offset)
    hasher.combine(path)
  }
}

extension MessagePackError: CustomStringConvertible {
  /// One sentence fragment in English, such as `users[3].name: expected a string, found nil, at byte 17`.
  public var description: String {
    let place = pathDescription
    return (place.isEmpty ? "" : place + ": ") + "\(reason), at byte \(offset)"
  }

  /// The path as text: keys are parted by dots, elements stand in brackets.
  public var pathDescription: String {
    var text = ""
    for element in path {
      switch element {
      case .key(let key): text += text.isEmpty ? key : "." + key
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
