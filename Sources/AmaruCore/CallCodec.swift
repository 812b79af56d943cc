// SPDX-License-Identifier: Apache-2.0

/// How the messages of a call are written on its wire. Handlers see none of it.
public enum CallCodec: Sendable, Hashable {
  /// The binary format of protobuf.
  case binary
  /// Its JSON form (protobuf.dev, "ProtoJSON Format"). Unknown fields are skipped, as newer clients may send them.
  case json
}
