// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack

/// The record of ``Record``, read and written by `Codable`.
struct CodableRecord: Codable {
  var number: Int
  var unsigned: UInt64
  var small: Int8
  var flag: Bool
  var single: Float
  var double: Double
  var text: String
  var data: [UInt8]
  var doubles: [Double]
  var integers: [Int]
  var names: [String: Int]
  var numbers: [Int: String]
  var maybe: String?
  var time: MessagePackTimestamp
  var points: [CodablePoint]
}

/// The record in it.
struct CodablePoint: Codable {
  var x: Int
  var y: Double
}
