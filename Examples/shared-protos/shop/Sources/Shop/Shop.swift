// SPDX-License-Identifier: Apache-2.0
import Contracts

@main
struct Shop {
  static func main() throws {
    let order = Order.with { order in
      order.article = "tea"
      order.count = 2
      order.price = .with { price in
        price.currency = "EUR"
        price.minorUnits = 350
      }
    }
    let received = try Order(decoding: order.encoded())
    let price = received.price ?? Money()
    print("\(received.count) \(received.article) at \(price.minorUnits) cents of \(price.currency)")
  }
}
