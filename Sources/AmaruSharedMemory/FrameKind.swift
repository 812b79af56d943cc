// SPDX-License-Identifier: Apache-2.0

/// The numbers of frames, as a record's kind.
enum FrameKind: UInt8 {
  case call = 1
  case message = 2
  case end = 3
  case head = 4
  case status = 5
  case cancel = 6
  case credit = 7

  /// The flag of a message whose payload is in a slot.
  static let inSlot: UInt8 = 1
  /// The flag of a piece of a message that is not its last.
  static let more: UInt8 = 2
}
