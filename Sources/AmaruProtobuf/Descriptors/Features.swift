// SPDX-License-Identifier: Apache-2.0

/// How a declaration behaves: the features of its edition, changed by its own options and those
/// around it (protobuf.dev, "Feature Settings for Editions").
///
/// `proto2` and `proto3` are editions too, whose declarations say the same in older words: the
/// label `required`, a group, the option `packed`.
public struct Features: Sendable, Hashable {
  /// Whether a singular field tells "unset" from its default, and whether it must be set.
  public enum FieldPresence: Sendable, Hashable { case explicit, implicit, required }

  /// Whether a field has presence, has none, or is required.
  public var fieldPresence: FieldPresence
  /// Whether an enum takes only the numbers that it declares.
  public var isEnumClosed: Bool
  /// Whether repeated numbers stand behind one tag.
  public var isPacked: Bool
  /// Whether messages end with a tag (a group) in place of beginning with their length.
  public var isDelimited: Bool

  /// The features of an edition's declaration without options. A later edition than the last
  /// one known is taken for that.
  public init(edition: Google_Protobuf_Edition) {
    fieldPresence = edition == .proto3 ? .implicit : .explicit
    let isProto2 = edition.rawValue < Google_Protobuf_Edition.proto3.rawValue
    isEnumClosed = isProto2
    isPacked = !isProto2
    isDelimited = false
  }

  /// The features of the declarations in a file.
  public init(of file: Google_Protobuf_FileDescriptorProto) {
    switch file.syntax ?? "" {
    case "editions": self.init(edition: file.edition ?? .edition2023)
    case "proto3": self.init(edition: .proto3)
    default: self.init(edition: .proto2)
    }
    apply(file.options?.features)
  }

  /// The features of a message or enum, or of what is inside of it.
  public func applying(_ options: Google_Protobuf_FeatureSet?) -> Features {
    var features = self
    features.apply(options)
    return features
  }

  /// The features of a field whose surroundings have these.
  public func of(_ field: Google_Protobuf_FieldDescriptorProto) -> Features {
    var features = applying(field.options?.features)
    if let isPacked = field.options?.packed { features.isPacked = isPacked }
    if field.label == .required { features.fieldPresence = .required }
    if field.proto3Optional == true { features.fieldPresence = .explicit }
    if field.type == .group { features.isDelimited = true }
    return features
  }

  /// Settles what a set of options says; what it leaves out stays.
  private mutating func apply(_ options: Google_Protobuf_FeatureSet?) {
    guard let options else { return }
    switch options.fieldPresence {
    case .explicit?: fieldPresence = .explicit
    case .implicit?: fieldPresence = .implicit
    case .legacyRequired?: fieldPresence = .required
    default: break
    }
    switch options.enumType {
    case .open?: isEnumClosed = false
    case .closed?: isEnumClosed = true
    default: break
    }
    switch options.repeatedFieldEncoding {
    case .packed?: isPacked = true
    case .expanded?: isPacked = false
    default: break
    }
    switch options.messageEncoding {
    case .lengthPrefixed?: isDelimited = false
    case .delimited?: isDelimited = true
    default: break
    }
  }
}
