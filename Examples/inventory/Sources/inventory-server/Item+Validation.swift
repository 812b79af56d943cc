// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The limits that `inventory.proto` sets for an item.
extension Item {
  /// The longest name, in bytes of UTF-8.
  static let maxNameBytes = 256

  /// The item as it is stored: the fields that the store knows.
  /// - Throws: ``RPCError`` with `INVALID_ARGUMENT` that names field, value and limit.
  func validated() throws(RPCError) -> Item {
    try Self.checkName(name, field: "item.name")
    guard quantity >= 0 else {
      throw RPCError(invalid: "item.quantity", "item.quantity is \(quantity); the least is 0")
    }
    guard price.isFinite, price >= 0 else {
      throw RPCError(
        invalid: "item.price", "item.price is \(price); a price is finite and at least 0")
    }
    return .with { item in
      item.name = name
      item.quantity = quantity
      item.price = price + 0  // -0 is stored as 0, and confirmed as such.
    }
  }

  /// Checks a name that came in the request's `field`.
  static func checkName(_ name: String, field: String) throws(RPCError) {
    let count = name.utf8.count
    guard count > 0 else {
      throw RPCError(invalid: field, "\(field) is empty; a name has 1 to \(maxNameBytes) bytes")
    }
    guard count <= maxNameBytes else {
      throw RPCError(
        invalid: field, "\(field) has \(count) bytes; a name has 1 to \(maxNameBytes)")
    }
  }
}

extension RPCError {
  /// `INVALID_ARGUMENT` for one field. A person reads the message, a program the details, which are
  /// a `google.rpc.BadRequest`, or the trailing metadata, where the field's name is `field`.
  init(invalid field: String, _ message: String) {
    var metadata = Metadata()
    try? metadata.add("field", field)
    self.init(
      .invalidArgument, message,
      attaching: Google_Rpc_BadRequest.with {
        $0.fieldViolations = [
          .with {
            $0.field = field
            $0.description = message
          }
        ]
      })
    self.metadata = metadata
  }
}
