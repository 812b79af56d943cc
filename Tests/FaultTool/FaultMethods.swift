// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service's methods: numbers in, the same numbers out.
enum FaultMethods {
  typealias Number = Google_Protobuf_Int64Value

  static let once = Method<Number, Number>(
    "fault.v1.Fault/Once", .unary, in: googleProtobufWrappersProto)
  static let again = Method<Number, Number>(
    "fault.v1.Fault/Again", .unary, in: googleProtobufWrappersProto)
  static let chat = Method<Number, Number>(
    "fault.v1.Fault/Chat", .bidirectional, in: googleProtobufWrappersProto)
  /// Answers with the numbers below the one that came.
  static let count = Method<Number, Number>(
    "fault.v1.Fault/Count", .serverStreaming, in: googleProtobufWrappersProto)
}
