// SPDX-License-Identifier: Apache-2.0
import Amaru
import Testing

@testable import inventory_server

struct ValidationTests {
  @Test(
    arguments: [
      (name: "", quantity: 1, price: 1, field: "item.name"),
      (name: String(repeating: "é", count: 128) + "a", quantity: 1, price: 1, field: "item.name"),
      (name: "a", quantity: -1, price: 1, field: "item.quantity"),
      (name: "a", quantity: 1, price: -0.01, field: "item.price"),
      (name: "a", quantity: 1, price: .nan, field: "item.price"),
      (name: "a", quantity: 1, price: .infinity, field: "item.price"),
    ] as [(name: String, quantity: Int32, price: Double, field: String)])
  func aFieldOutsideItsLimitsIsNamed(
    _ name: String, _ quantity: Int32, _ price: Double, _ field: String
  ) {
    let item = Item.with { item in
      item.name = name
      item.quantity = quantity
      item.price = price
    }
    let error = #expect(throws: RPCError.self) { try item.validated() }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains(field) == true)
    #expect(error?.metadata.text("field") == field)
  }

  @Test func theLimitsThemselvesAreAllowed() throws {
    for name in ["a", String(repeating: "é", count: 128)] {
      let item = try Item.with { item in
        item.name = name
        item.price = -0.0
      }.validated()
      #expect(item.name == name)
      #expect(item.price.sign == .plus)
    }
  }
}
