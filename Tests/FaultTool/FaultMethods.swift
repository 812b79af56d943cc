// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service's two methods, which do the same: a call's number in, the number out.
enum FaultMethods {
  typealias Number = Google_Protobuf_Int64Value

  static let once = Method<Number, Number>(
    "fault.v1.Fault/Once", .unary, in: googleProtobufWrappersProto)
  static let again = Method<Number, Number>(
    "fault.v1.Fault/Again", .unary, in: googleProtobufWrappersProto)
}
