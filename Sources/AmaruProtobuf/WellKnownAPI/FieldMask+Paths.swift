// SPDX-License-Identifier: Apache-2.0

// A mask as a set of paths (`google/protobuf/field_mask.proto`). A path covers what is behind it:
// `user` covers `user.name`.
extension Google_Protobuf_FieldMask {
  /// Makes a mask of paths of proto names, such as `user.display_name`.
  public init(paths: [String]) {
    self.init()
    self.paths = paths
  }

  /// A mask of all fields of a message, each covering what is in it.
  public init(allFieldsOf descriptor: MessageDescriptor) {
    self.init(paths: descriptor.fields.map(\.name))
  }

  /// Whether a path, or one that covers it, is in the mask.
  public func covers(_ path: String) -> Bool { Self.covers(Set(paths), path) }

  /// The mask in order, without paths that are there twice or that others cover.
  public var normalized: Self {
    let sorted = paths.map { $0.split(separator: ".", omittingEmptySubsequences: false) }
      .sorted { $0.lexicographicallyPrecedes($1) }
    var kept: [[Substring]] = []
    for path in sorted {
      if let last = kept.last, path.starts(with: last) { continue }
      kept.append(path)
    }
    return Self(paths: kept.map { $0.joined(separator: ".") })
  }

  /// The paths of either mask, normalized.
  public func union(_ other: Self) -> Self { Self(paths: paths + other.paths).normalized }

  /// The paths that both masks cover, normalized.
  public func intersection(_ other: Self) -> Self {
    let (left, right) = (Set(paths), Set(other.paths))
    let both =
      paths.filter { Self.covers(right, $0) } + other.paths.filter { Self.covers(left, $0) }
    return Self(paths: both).normalized
  }

  private static func covers(_ paths: Set<String>, _ path: String) -> Bool {
    if paths.contains(path) { return true }
    return path.indices.contains { path[$0] == "." && paths.contains(String(path[..<$0])) }
  }

  /// Checks that each path leads to a field: through singular messages, to any kind of field.
  public func validate(for descriptor: MessageDescriptor) throws(FieldMaskError) {
    for path in paths {
      let parts = try Self.parts(of: path)
      var message = descriptor
      for (index, part) in parts.enumerated() {
        guard let field = message.field(named: String(part)) else {
          throw .invalidPath(path, message: descriptor.fullName)
        }
        if index == parts.count - 1 { break }
        guard let next = field.messageType, !field.isRepeated else {
          throw .invalidPath(path, message: descriptor.fullName)
        }
        message = next
      }
    }
  }

  /// The names in a path, of which there may be as many as messages may be nested.
  static func parts(of path: String) throws(FieldMaskError) -> [Substring] {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= Reader.defaultDepthLimit else { throw .tooDeep(path) }
    return parts
  }
}
