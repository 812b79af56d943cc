// SPDX-License-Identifier: Apache-2.0

extension Google_Protobuf_FieldDescriptorProto {
  /// The name in JSON. Where the descriptor states none, it is the field's own without underscores
  /// and with each letter after one in upper case, as protoc makes it.
  package var effectiveJSONName: String {
    if let jsonName { return jsonName }
    var result = ""
    var isRaised = false
    for scalar in (name ?? "").unicodeScalars {
      if scalar == "_" {
        isRaised = true
      } else {
        result += isRaised ? scalar.properties.uppercaseMapping : String(scalar)
        isRaised = false
      }
    }
    return result
  }
}
