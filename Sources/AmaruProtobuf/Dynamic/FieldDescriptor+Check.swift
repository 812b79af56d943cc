// SPDX-License-Identifier: Apache-2.0

// Whether a value fits a field.
extension FieldDescriptor {
  /// The value as the field keeps it: messages of another pool are converted.
  func checked(_ value: DynamicValue) throws(DynamicMessageError) -> DynamicValue {
    guard isRepeated else { return try checked(element: value) }
    switch value {
    case .map(let entries):
      guard let key = mapKey, let valueField = mapValue else { throw .wrongType(fullName) }
      var result: [DynamicMapKey: DynamicValue] = [:]
      for (entryKey, entryValue) in entries {
        _ = try key.checked(element: entryKey.value)
        result[entryKey] = try valueField.checked(element: entryValue)
      }
      return .map(result)
    case .list(let elements):
      guard !isMap else { throw .wrongType(fullName) }
      var result: [DynamicValue] = []
      for element in elements { result.append(try checked(element: element)) }
      return .list(result)
    default: throw .wrongType(fullName)
    }
  }

  /// A single value, as ``checked(_:)``.
  func checked(element value: DynamicValue) throws(DynamicMessageError) -> DynamicValue {
    switch (type, value) {
    case (.scalar(let scalar), _):
      guard value.hasSameCase(as: scalar.zero) else { throw .wrongType(fullName) }
      return value
    case (.enumeration(let type), .enumeration(let number)):
      guard !type.isClosed || type.value(number: number) != nil else {
        throw .undeclaredNumber(fullName, number)
      }
      return value
    case (.message(let type), .message(let message)):
      if message.descriptor == type { return value }
      guard message.descriptor.fullName == type.fullName,
        let converted = try? DynamicMessage(
          type, decoding: message.encoded(), allowsMissingFields: true)
      else { throw .wrongType(fullName) }
      return .message(converted)
    default: throw .wrongType(fullName)
    }
  }
}

extension DynamicValue {
  fileprivate func hasSameCase(as other: DynamicValue) -> Bool {
    switch (self, other) {
    case (.bool, .bool), (.int32, .int32), (.int64, .int64), (.uint32, .uint32),
      (.uint64, .uint64), (.float, .float), (.double, .double), (.string, .string),
      (.bytes, .bytes):
      true
    default: false
    }
  }
}
