// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf

/// What a message is written as, generated or dynamic.
protocol TesteeMessage {
  func encoded(sortingMaps: Bool) -> [UInt8]
  func jsonString(options: JSONEncodingOptions) throws -> String
  func textFormat(options: TextEncodingOptions) throws -> String
}

extension DynamicMessage: TesteeMessage {}
extension TestAllTypesProto2: TesteeMessage {}
extension TestAllTypesProto3: TesteeMessage {}
