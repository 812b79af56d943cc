// SPDX-License-Identifier: Apache-2.0

/// Finds required fields that are not set in the messages of a field, for generated code.
public enum RequiredFields {
  /// The path of the first one in a singular field.
  @inlinable
  public static func missing<M: Message>(_ name: StaticString, in value: M?) -> String? {
    value?.missingRequiredField.map { "\(name).\($0)" }
  }

  /// The path of the first one in a repeated field, with the element's index.
  @inlinable
  public static func missing<M: Message>(_ name: StaticString, in values: [M]) -> String? {
    for (index, value) in values.enumerated() {
      if let path = value.missingRequiredField { return "\(name)[\(index)].\(path)" }
    }
    return nil
  }

  /// The path of one in a map, with the entry's key.
  @inlinable
  public static func missing<Key, M: Message>(
    _ name: StaticString, in values: [Key: M]
  ) -> String? {
    for (key, value) in values {
      if let path = value.missingRequiredField { return "\(name)[\(key)].\(path)" }
    }
    return nil
  }
}
