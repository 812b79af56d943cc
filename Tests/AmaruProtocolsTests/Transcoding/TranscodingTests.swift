// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import GoldenRules
import Testing

@testable import AmaruProtocols

struct TranscodingTests {
  let samples: RuleSamples

  init() throws { samples = try RuleSamples() }

  /// What the rule of a request, `METHOD /path?query`, makes of it.
  private func transcoding(
    _ request: String, contentType: String? = "application/json"
  ) throws -> Transcoding {
    let parts = request.split(separator: " ", maxSplits: 1)
    let path = parts[1].prefix { $0 != "?" }
    guard
      case .found(let binding, let segments) = samples.bindings.match(
        String(path), method: String(parts[0]))
    else { throw RPCError(.notFound, request) }
    return try Transcoding(
      binding, segments: segments, query: parts[1].dropFirst(path.count + 1),
      contentType: contentType)
  }

  private func message<M: AmaruProtobuf.Message>(
    _ transcoding: Transcoding, _ body: String, as type: M.Type
  ) throws -> M {
    let text = try transcoding.message(Array(body.utf8))
    guard transcoding.codec == .json else { return try M(decoding: text) }
    let fields = transcoding.overlay?.fields ?? []
    return try M(json: text.span.bytes, adding: fields, options: JSONDecodingOptions())
  }

  private func body(_ transcoding: Transcoding, _ message: some AmaruProtobuf.Message) throws -> String {
    let bytes = transcoding.sentCodec == .json ? try message.json() : message.encoded()
    return String(decoding: transcoding.body(bytes).bytes, as: UTF8.self)
  }

  // MARK: Requests

  @Test func aWholeBodyGetsTheFieldsOfThePathOnTop() throws {
    let transcoding = try transcoding("PUT /v1/shelves/1/books/2")
    #expect(transcoding.codec == .json)
    for json in [
      #"{"title":"T","authors":["a"]}"#, #"{"name":"other","title":"T","authors":["a"]}"#,
    ] {
      let book = try message(transcoding, json, as: Book.self)
      #expect(book.name == "shelves/1/books/2")
      #expect(book.title == "T")
      #expect(book.authors == ["a"])
    }
    #expect(try message(transcoding, "", as: Book.self).name == "shelves/1/books/2")
  }

  @Test func theBodyOfAFieldIsMergedWithThePathsPartOfIt() throws {
    let transcoding = try transcoding("PATCH /v1/shelves/1/books/2?allow_missing=true")
    let request = try message(
      transcoding, #"{"title":"T","name":"other"}"#, as: UpdateBookRequest.self)
    #expect(request.book?.name == "shelves/1/books/2")
    #expect(request.book?.title == "T")
    #expect(request.allowMissing)
    let empty = try message(transcoding, "", as: UpdateBookRequest.self)
    #expect(empty.book == .with { $0.name = "shelves/1/books/2" })
  }

  @Test(arguments: [
    (#"{},"validate_only":true"#, "column 3: the text goes on after the message"),
    (#"{}} {"#, "column 3: the text goes on after the message"),
    ("{", "column 2: the text ends too early"),
    ("x", "column 1: expected a value"),
  ])
  func theBodyOfAFieldIsOneValue(_ body: String, _ reason: String) throws {
    let transcoding = try transcoding("POST /v1/shelves/1/books")
    #expect {
      try message(transcoding, body, as: CreateBookRequest.self)
    } throws: { error in
      "\(error)"
        == "INVALID_ARGUMENT: the body is not the JSON of 'book': JSON line 1, \(reason)"
    }
  }

  @Test func errorsOfAFieldCountFromTheBody() throws {
    let transcoding = try transcoding("POST /v1/shelves/1/books")
    let text = try transcoding.message(Array(#"{"title":5}"#.utf8))
    #expect {
      try CreateBookRequest(json: text)
    } throws: { error in
      let moved = (error as? JSONDecodingError)?.moved(
        back: transcoding.overlay?.prefixBytes ?? 0)
      return moved?.column == 10 && moved?.path == "book.title"
    }
  }

  @Test func withoutABodyThePathAndTheQueryAreTheMessage() throws {
    let transcoding = try transcoding("GET /v1/books/7", contentType: nil)
    #expect(transcoding.codec == .binary)
    #expect(transcoding.overlay == nil)
    #expect(try message(transcoding, "", as: GetBookRequest.self).name == "7")
    #expect {
      try message(transcoding, "{}", as: GetBookRequest.self)
    } throws: { error in
      (error as? RPCError)?.message
        == "GET /v1/books/{name} takes no body; send fields in the query"
    }
  }

  @Test func aRawBodyIsTheDataOfItsField() throws {
    let transcoding = try transcoding("PUT /v1/files/a/b", contentType: "text/plain")
    #expect(transcoding.codec == .binary)
    let request = try message(transcoding, "not {json", as: UploadRequest.self)
    #expect(request.name == "a/b")
    #expect(request.file?.contentType == "text/plain")
    #expect(request.file?.data == Array("not {json".utf8))
  }

  // MARK: Responses

  @Test func aResponseIsAWholeMessageInJSON() throws {
    let transcoding = try transcoding("GET /v1/books/7")
    #expect(try body(transcoding, Book.with { $0.title = "T" }) == #"{"title":"T"}"#)
    #expect(transcoding.body([]).contentType == "application/json")
  }

  @Test func aFieldOfTheResponseIsTheBody() throws {
    let transcoding = try transcoding("GET /v1/titles")
    let titles = Titles.with {
      $0.count = 2
      $0.titles = ["a", "b\"]"]
    }
    #expect(try body(transcoding, titles) == #"["a","b\"]"]"#)
    #expect(try body(transcoding, Titles()) == "[]")
  }

  @Test(arguments: [
    ("text", #""""#), ("words", "[]"), ("page_size", "0"), ("revision", "null"), ("big", #""0""#),
    ("score", "0"), ("is_new", "false"), ("token", #""""#), ("color", #""COLOR_UNSPECIFIED""#),
    ("since", "null"), ("child", "null"), ("labels", "{}"), ("books", "[]"), ("first", "null"),
  ])
  func aFieldThatIsNotSetHasItsDefault(_ field: String, _ json: String) throws {
    let rule = try Google_Api_HttpRule(
      json: """
        {"selector": "rules.Library.Search", "get": "/v1/search", "response_body": "\(field)"}
        """)
    let bindings = try HTTPBindings(RuleSamples.library, rules: [rule])
    guard case .found(let binding, let segments) = bindings.match("/v1/search", method: "GET") else {
      Issue.record("the rule is not there")
      return
    }
    let transcoding = try Transcoding(binding, segments: segments, query: "", contentType: nil)
    #expect(try body(transcoding, Query()) == json)
  }

  @Test func aRawResponseHasItsOwnType() throws {
    let data = Array("\u{0}<p>".utf8)
    let file = Google_Api_HttpBody.with {
      $0.contentType = "text/html"
      $0.data = data
    }
    let download = try transcoding("GET /v1/files/a").body(file.encoded())
    #expect(download.contentType == "text/html")
    #expect(download.bytes == data)
    let untyped = try transcoding("GET /v1/files/a").body([])
    #expect(untyped.contentType == "application/octet-stream")
    let upload = try transcoding("PUT /v1/files/a")
    let response = UploadRequest.with {
      $0.name = "x"
      $0.file = file
    }
    #expect(upload.body(response.encoded()).bytes == data)
    #expect(upload.body(UploadRequest().encoded()).bytes.isEmpty)
  }
}
