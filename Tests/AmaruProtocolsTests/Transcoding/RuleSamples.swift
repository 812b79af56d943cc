// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import GoldenRules

@testable import AmaruProtocols

/// Rules over the methods of `rules.proto`, and what requests make of them.
struct RuleSamples {
  let bindings: HTTPBindings

  /// The rules that the file itself has.
  init() throws(HTTPRuleError) { bindings = try HTTPBindings(Self.library) }

  /// Rules for the methods of `Messaging`, as JSON of `google.api.Http`.
  init(_ json: String) throws {
    bindings = try HTTPBindings(Self.messaging, rules: try Google_Api_Http(json: json).rules)
  }

  static let library = [
    LibraryMethods.getBook.descriptor, LibraryMethods.createBook.descriptor,
    LibraryMethods.updateBook.descriptor, LibraryMethods.replaceBook.descriptor,
    LibraryMethods.deleteBook.descriptor, LibraryMethods.checkBook.descriptor,
    LibraryMethods.cancelLoan.descriptor, LibraryMethods.listTitles.descriptor,
    LibraryMethods.search.descriptor, LibraryMethods.watch.descriptor,
    LibraryMethods.importBooks.descriptor, LibraryMethods.download.descriptor,
    LibraryMethods.upload.descriptor, LibraryMethods.fetch.descriptor,
    LibraryMethods.store.descriptor, LibraryMethods.ping.descriptor,
  ].map { Handler($0) { _ in } }

  static let messaging = [
    MessagingMethods.getMessage.descriptor, MessagingMethods.updateMessage.descriptor,
    MessagingMethods.replaceMessage.descriptor,
  ].map { Handler($0) { _ in } }

  /// What a request leads to: the method, and the fields that are not in the body. `request` is `METHOD /path?query`.
  func call<M: AmaruProtobuf.Message>(
    _ request: String, as type: M.Type
  ) throws -> (method: String, message: M)? {
    let space = request.firstIndex(of: " ") ?? request.endIndex
    let target = request[space...].dropFirst()
    let path = target.prefix { $0 != "?" }
    let match = bindings.match(String(path), method: String(request[..<space]))
    guard case .found(let binding, let segments) = match else { return nil }
    let query = target.dropFirst(path.count + 1)
    let bytes = try binding.fields(segments: segments, query: query)
    return (binding.handler.method.name, try M(decoding: bytes))
  }

  /// The error of a request to `Search`, whose message is ``Query``.
  func searchError(_ query: String) -> RPCError? {
    do {
      _ = try call("GET /v1/search?\(query)", as: Query.self)
      return nil
    } catch {
      return error as? RPCError
    }
  }
}
