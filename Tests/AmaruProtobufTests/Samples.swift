// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import GoldenPlain

/// Messages that tests read and write.
enum Samples {
  /// A value in every field.
  static var full: AllTypes {
    .with { message in
      message.int32Value = -1
      message.int64Value = .min
      message.uint32Value = .max
      message.uint64Value = .max
      message.sint32Value = .min
      message.sint64Value = .min
      message.fixed32Value = 7
      message.fixed64Value = .max
      message.sfixed32Value = -7
      message.sfixed64Value = .min
      message.floatValue = -0.0
      message.doubleValue = .infinity
      message.boolValue = true
      message.stringValue = "żółć und 🐍"
      message.bytesValue = [0, 255]
      message.nestedValue = nested
      message.colorValue = .darkRed
      message.optionalInt32 = 0
      message.optionalString = ""
      message.optionalBytes = []
      message.optionalColor = AllTypes.Color()
      message.optionalNested = AllTypes.Nested()
      message.optionalDouble = 0
      message.repeatedInt32 = [0, 1, -1, 300]
      message.repeatedSint64 = [0, -1, .max]
      message.repeatedFixed32 = [1, 2]
      message.repeatedDouble = [0, -0.5]
      message.repeatedBool = [true, false]
      message.repeatedString = ["", "a", String(repeating: "long", count: 50)]
      message.repeatedBytes = [[], [1, 2, 3]]
      message.repeatedNested = [nested, AllTypes.Nested()]
      message.repeatedColor = [.blue, .negative, AllTypes.Color(rawValue: 99)]
      message.unpackedInt32 = [5, 6]
      message.stringToInt64 = ["": 0, "one": 1, "minus": -1]
      message.int32ToString = [0: "", -5: "five"]
      message.boolToNested = [true: nested, false: AllTypes.Nested()]
      message.sfixed64ToColor = [3: .blue]
      message.stringToBytes = ["x": [9]]
      message.card = nested
      message.created = .with { $0.seconds = 1_700_000_000 }
      message.wrapped = .with { $0.value = "w" }
      message.last = 1
    }
  }

  static var nested: AllTypes.Nested {
    .with { message in
      message.name = "n"
      message.numbers = [1, 128, -1]
    }
  }

  /// A chain of nested messages: the given number of them inside of the outermost.
  static func chain(depth: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<depth {
      var outer: [UInt8] = [2 << 3 | 2]
      outer += varint(UInt64(bytes.count))
      outer += bytes
      bytes = outer
    }
    return bytes
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
