// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenRules

/// A service whose methods have rules of `google.api.http`, for tests: each answers with what it was asked.
struct LibraryService: Library {
  func getBook(_ request: GetBookRequest, context: CallContext) async throws -> Book {
    if request.name.hasSuffix("missing") { throw RPCError(.notFound, "no such book") }
    return .with { $0.name = request.name }
  }

  func createBook(_ request: CreateBookRequest, context: CallContext) async throws -> Book {
    var book = request.book ?? Book()
    book.name = request.parent + (request.validateOnly ? "/valid" : "/made")
    return book
  }

  func updateBook(_ request: UpdateBookRequest, context: CallContext) async throws -> Book {
    var book = request.book ?? Book()
    book.authors = request.updateMask?.paths ?? []
    return book
  }

  func replaceBook(_ request: Book, context: CallContext) async throws -> Book { request }
  func deleteBook(_ request: GetBookRequest, context: CallContext) async throws -> Book {
    .with { $0.title = "deleted \(request.name)" }
  }
  func checkBook(_ request: GetBookRequest, context: CallContext) async throws -> Book {
    .with { $0.title = "checked \(request.name)" }
  }
  func cancelLoan(_ request: GetBookRequest, context: CallContext) async throws -> Book {
    .with { $0.title = "cancelled \(request.name)" }
  }
  func listTitles(_ request: Query, context: CallContext) async throws -> Titles {
    .with {
      $0.titles = request.words
      $0.count = Int32(request.words.count)
    }
  }
  func search(_ request: Query, context: CallContext) async throws -> Query { request }
  func ping(_ request: Book, context: CallContext) async throws -> Book { request }

  func watch(
    _ request: GetBookRequest, to responses: MessageWriter<Book>, context: CallContext
  ) async throws {
    for number in 1...2 { try await responses.write(.with { $0.name = "\(request.name)/\(number)" }) }
    if request.name.hasSuffix("lost") { throw RPCError(.dataLoss, "lost") }
  }

  func importBooks(
    _ requests: MessageStream<CreateBookRequest>, context: CallContext
  ) async throws -> Titles {
    var titles: [String] = []
    for try await request in requests {
      titles.append("\(request.parent): \(request.book?.title ?? "")")
    }
    return .with { [titles] in $0.titles = titles }
  }

  // MARK: Raw bodies

  func download(
    _ request: GetBookRequest, context: CallContext
  ) async throws -> Google_Api_HttpBody {
    .with {
      $0.contentType = "text/plain"
      $0.data = Array(request.name.utf8)
    }
  }

  func upload(_ request: UploadRequest, context: CallContext) async throws -> UploadRequest {
    request
  }

  func fetch(
    _ request: GetBookRequest, to responses: MessageWriter<Google_Api_HttpBody>,
    context: CallContext
  ) async throws {
    if request.name == "missing" { throw RPCError(.notFound, "no such stream") }
    for part in request.name.split(separator: "/") {
      if part == "lost" { throw RPCError(.dataLoss, "lost") }
      try await responses.write(
        .with {
          $0.contentType = "application/x-parts"
          $0.data = Array(part.utf8)
        })
    }
  }

  func store(
    _ requests: MessageStream<UploadRequest>, context: CallContext
  ) async throws -> Titles {
    var bytes: [UInt8] = []
    var about: Set<String> = []
    for try await request in requests {
      bytes += request.file?.data ?? []
      about.insert("\(request.name) \(request.file?.contentType ?? "")")
    }
    return .with { [bytes, about] in
      $0.titles = about.sorted() + [String(decoding: bytes.prefix(20), as: UTF8.self)]
      $0.count = Int32(bytes.count)
    }
  }
}
