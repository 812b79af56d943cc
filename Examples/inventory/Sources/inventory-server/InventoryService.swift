// SPDX-License-Identifier: Apache-2.0
import Amaru

/// The service that `inventory.proto` declares. `Inventory`, the requests and `Item` are generated
/// from that file.
///
/// One value serves all calls, on several event loops at once. No method blocks its loop for long:
/// an item is added on the store's own thread, and what is read comes from memory, as a rule.
package struct InventoryService: Inventory {
  /// Items read at a time for `ListItems`: few enough for a short stop of the event loop, many
  /// enough to make the query's cost small.
  private static let itemsPerPage = 256

  private let store: ItemStore
  private let logger: Logger

  /// Serves the items of `store`; what goes wrong in the database goes to `logger`.
  package init(store: ItemStore, logger: Logger) {
    self.store = store
    self.logger = logger
  }

  package func addItem(
    _ request: AddItemRequest, context: CallContext
  ) async throws -> AddItemResponse {
    guard let item = request.item else {
      throw RPCError(invalid: "item", "item is missing")
    }
    let stored = try item.validated()
    // Suspends this call while the disk writes; the loop serves others meanwhile.
    guard try await reporting({ try await store.add(stored) }) else {
      throw RPCError(.alreadyExists, "there is an item named '\(stored.name)' already")
    }
    return .with { $0.item = stored }
  }

  package func getItem(_ request: GetItemRequest, context: CallContext) async throws -> Item {
    try Item.checkName(request.name, field: "name")
    guard let item = try await reporting({ try store.item(named: request.name) }) else {
      throw RPCError(.notFound, "there is no item named '\(request.name)'")
    }
    return item
  }

  /// Reads a page, sends it, reads the next. While a slow client holds `write` back, there is one
  /// page in memory and neither a lock nor a read transaction in the database.
  ///
  /// The list is therefore not one snapshot: an item that is added meanwhile is in it when its name
  /// comes after those that were read.
  package func listItems(
    _ request: ListItemsRequest, to responses: MessageWriter<Item>, context: CallContext
  ) async throws {
    var last = ""
    while true {
      let page = try await reporting { try store.items(after: last, limit: Self.itemsPerPage) }
      for item in page { try await responses.write(item) }
      guard page.count == Self.itemsPerPage, let final = page.last else { return }
      last = final.name
    }
  }

  /// Turns the store's errors into what a caller may know; the rest goes to the log.
  private func reporting<Result>(_ body: () async throws -> Result) async throws -> Result {
    do {
      return try await body()
    } catch let error as StoreError {
      logger.log(.error, "\(error)")
      throw error.isTemporary
        ? RPCError(.unavailable, "the items cannot be read or stored now; try again later")
        : RPCError(.internal, "the items cannot be read or stored; the server's log says why")
    }
  }
}
