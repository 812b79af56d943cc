// SPDX-License-Identifier: Apache-2.0

/// Says why bytes are not a valid protobuf message.
///
/// Nothing can be kept of a message whose decoding failed: its fields hold whatever was read
/// before the error.
public enum DecodingError: Error, Hashable {
  /// The bytes end inside a field, or a length points past the end of its message.
  case truncated
  /// A varint has more than ten bytes, or does not fit in 64 bits.
  case malformedVarint
  /// A tag has more than five bytes, field number zero or a wire type that does not exist.
  case invalidTag
  /// A group ends that was not open, or is open at the end of its message.
  case unbalancedGroup
  /// A `string` field is not valid UTF-8.
  case invalidUTF8
  /// Messages or groups are nested deeper than ``Reader/defaultDepthLimit``.
  case depthLimitExceeded
  /// A required field, named by its path in the message, was not there.
  case missingRequiredField(String)
  /// The base64 text of a ``ProtoFile`` is malformed.
  case invalidBase64
}

extension DecodingError: CustomStringConvertible {
  /// One sentence fragment in English for a log line or a status message.
  public var description: String {
    switch self {
    case .truncated: "protobuf message is truncated"
    case .malformedVarint: "protobuf message has a malformed varint"
    case .invalidTag: "protobuf message has an invalid tag"
    case .unbalancedGroup: "protobuf message has an unbalanced group"
    case .invalidUTF8: "protobuf string field is not valid UTF-8"
    case .depthLimitExceeded: "protobuf message is nested too deeply"
    case .missingRequiredField(let path): "required protobuf field \(path) is missing"
    case .invalidBase64: "embedded descriptor is not valid base64"
    }
  }
}
