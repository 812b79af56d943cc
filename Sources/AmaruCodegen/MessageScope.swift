// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// A message that is being generated, and where it is.
struct MessageScope {
  let descriptor: Google_Protobuf_DescriptorProto
  /// The full proto name without a leading dot.
  let protoName: String
  /// The Swift names from the outermost type to the message's own.
  let swiftPath: [String]
  /// The features of what is inside of it.
  let features: Features
  /// Where the declaration is in the file (`SourceCodeInfo.Location.path`).
  let path: [Int32]
  /// The members of the types around it, which Swift finds before what is outside of them.
  var surroundingMembers: [String] = []
}
