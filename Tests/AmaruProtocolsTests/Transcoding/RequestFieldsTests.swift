// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import GoldenRules
import Testing

@testable import AmaruProtocols

struct RequestFieldsTests {
  let samples: RuleSamples

  init() throws { samples = try RuleSamples() }

  @Test(arguments: [
    ("", "{}"),
    ("&&text=a&", #"{"text":"a"}"#),
    ("text=a+b%2B%26%3D=c", #"{"text":"a b+&==c"}"#),
    ("text", "{}"),
    ("te%78t=%C3%A9", "{\"text\":\"\u{e9}\"}"),
    ("words=a&words=&words=b", #"{"words":["a","","b"]}"#),
    ("page_size=-5", #"{"pageSize":-5}"#),
    ("pageSize=5&revision=0", #"{"pageSize":5,"revision":"0"}"#),
    ("big=18446744073709551615", #"{"big":"18446744073709551615"}"#),
    ("score=1.5e3", #"{"score":1500}"#),
    ("score=NaN", #"{"score":"NaN"}"#),
    ("is_new=true", #"{"isNew":true}"#),
    ("is_new=false", "{}"),
    ("token=-_8=", #"{"token":"+/8="}"#),
    ("color=COLOR_BLUE", #"{"color":"COLOR_BLUE"}"#),
    ("color=1&colors=2&colors=COLOR_RED&colors=7", #"{"color":"COLOR_RED","colors":["COLOR_BLUE","COLOR_RED",7]}"#),
    ("numbers=1&numbers=-2&numbers=3", #"{"numbers":[1,-2,3]}"#),
    ("since=2026-01-31T12:00:00.5Z", #"{"since":"2026-01-31T12:00:00.500Z"}"#),
    ("since=2026-01-31T12:00:00%2B01:00", #"{"since":"2026-01-31T11:00:00Z"}"#),
    ("age=1.5s", #"{"age":"1.500s"}"#),
    ("mask=title,first.name", #"{"mask":"title,first.name"}"#),
    ("mask=isComplete", #"{"mask":"isComplete"}"#),
    ("mask=is_complete,title", #"{"mask":"isComplete,title"}"#),
    ("maybe_text=&maybeNumber=0&maybe_flag=false", #"{"maybeText":"","maybeNumber":"0","maybeFlag":false}"#),
    ("maybe_text=%22%0A", #"{"maybeText":"\"\n"}"#),
    ("times=2026-01-31T12:00:00Z&times=1970-01-01T00:00:00Z", #"{"times":["2026-01-31T12:00:00Z","1970-01-01T00:00:00Z"]}"#),
    (
      "child.text=a&child.words=x&text=b&child.child.page_size=1&child.words=y",
      #"{"text":"b","child":{"text":"a","words":["x","y"],"child":{"pageSize":1}}}"#
    ),
    ("first=a", #"{"first":"a"}"#),
    ("first=a&child.second=b", #"{"child":{"second":"b"},"first":"a"}"#),
  ])
  func parametersBecomeFields(_ query: String, _ json: String) throws {
    let call = try samples.call("GET /v1/search?\(query)", as: Query.self)
    #expect(call?.method == "Search")
    #expect(try call?.message.jsonString() == json)
  }

  @Test(arguments: [
    ("txt=a", "txt", "the parameter 'txt' is not known: rules.Query has no field 'txt'"),
    ("=a", "", "the parameter '' is not known: rules.Query has no field ''"),
    ("child.=a", "child.", "the parameter 'child.' is not known: rules.Query has no field ''"),
    ("text.a=a", "text.a", "the parameter 'text.a' is not known: rules.Query.text is not a singular message"),
    ("books.name=a", "books.name", "the parameter 'books.name' is not known: rules.Query.books is not a singular message"),
    ("text=a&text=b", "text", "the parameter 'text' came twice"),
    ("page_size=1&pageSize=1", "pageSize", "the parameter 'pageSize' came twice"),
    ("page_size=abc", "page_size", "the parameter 'page_size' must be a number of type int32, not 'abc'"),
    ("page_size=2147483648", "page_size", "the parameter 'page_size' must be a number of type int32, not '2147483648'"),
    ("page_size=", "page_size", "the parameter 'page_size' must be a number of type int32, not ''"),
    ("page_size=1%22", "page_size", #"the parameter 'page_size' must be a number of type int32, not '1"'"#),
    ("big=-1", "big", "the parameter 'big' must be a number of type uint64, not '-1'"),
    ("score=x", "score", "the parameter 'score' must be a number, not 'x'"),
    ("is_new", "is_new", "the parameter 'is_new' must be true or false, not ''"),
    ("is_new=1", "is_new", "the parameter 'is_new' must be true or false, not '1'"),
    ("token=!", "token", "the parameter 'token' must be base64 (in the alphabet for URLs), not '!'"),
    (
      "color=RED", "color",
      "the parameter 'color' must be a number or one of COLOR_UNSPECIFIED, COLOR_RED, COLOR_BLUE, not 'RED'"
    ),
    ("since=now", "since", "the parameter 'since' must be a time such as 2026-01-31T12:00:00Z, not 'now'"),
    ("age=5", "age", "the parameter 'age' must be seconds such as 1.5s, not '5'"),
    ("mask=a_b,,c", "mask", "the parameter 'mask' must be names of fields with commas between, not 'a_b,,c'"),
    ("maybe_number=x", "maybe_number", "the parameter 'maybe_number' must be a number of type int64, not 'x'"),
    ("child=a", "child", "the parameter 'child' is a message; name a field of it, such as 'child.text'"),
    ("labels=a", "labels", "the parameter 'labels' is a map, which cannot be in a query; call by gRPC or Connect"),
    (
      "labels.a=a", "labels.a", "the parameter 'labels.a' is not known: rules.Query.labels is not a singular message"
    ),
    (
      "books=a", "books",
      "the parameter 'books' is a list of messages, which cannot be in a query; call by gRPC or Connect"
    ),
    ("free=a", "free", "the parameter 'free' is a message; name a field of it, such as 'free.fields'"),
    ("first=a&second=b", "second", "the parameter 'second' excludes 'first', which came already"),
  ])
  func aWrongParameterIsNamed(_ query: String, _ field: String, _ message: String) throws {
    let error = samples.searchError(query)
    #expect(error?.code == .invalidArgument)
    #expect(error?.message == message)
    let request = try error?.detail(Google_Rpc_BadRequest.self)
    #expect(request?.fieldViolations.map(\.field) == [field])
  }

  @Test(arguments: ["text=%zz", "text=%", "%ff=a", "text=%C3"])
  func malformedTextIsAnError(_ parameter: String) {
    #expect(
      samples.searchError("page_size=1&\(parameter)")?.message
        == "the parameter '\(parameter)' is not percent-encoded UTF-8")
  }

  @Test func longTextIsCutInMessages() {
    let text = String(repeating: "x", count: 5000)
    let message = samples.searchError("page_size=\(text)")?.message
    #expect(message == "the parameter 'page_size' must be a number of type int32, not '\(text.prefix(80))...'")
    #expect((samples.searchError("\(text)=1")?.message.utf8.count ?? 0) < 600)
  }

  @Test(arguments: [
    ("GET /v1/books/1?name=2", "the parameter 'name' is in the path already; leave it out of the query"),
    (
      "POST /v1/shelves/1/books/2:cancel?name=3",
      "the parameter 'name' is in the path already; leave it out of the query"
    ),
    (
      "PATCH /v1/shelves/1/books/2?book.title=x",
      "the parameter 'book.title' must be in the body, which is 'book'"
    ),
    (
      "PATCH /v1/shelves/1/books/2?book.name=x",
      "the parameter 'book.name' is in the path already; leave it out of the query"
    ),
  ])
  func whatThePathOrTheBodyHasIsNoParameter(_ request: String, _ message: String) {
    #expect {
      try samples.call(request, as: Query.self)
    } throws: { error in
      (error as? RPCError)?.message == message && (error as? RPCError)?.code == .invalidArgument
    }
  }

  @Test func withAWholeBodyThereAreNoParameters() {
    #expect {
      try samples.call("PUT /v1/shelves/1/books/2?title=x", as: Book.self)
    } throws: { error in
      (error as? RPCError)?.message
        == "the parameter 'title' must be in the body, as all fields that the path does not have"
    }
  }

  @Test func aFieldOfThePathHasToFitIt() throws {
    let samples = try RuleSamples(
      #"{"rules": [{"selector": "rules.Messaging.GetMessage", "get": "/v1/{revision}/{name=**}"}]}"#)
    let call = try samples.call("GET /v1/7/a/b", as: GetMessageRequest.self)
    #expect(call?.message.revision == 7)
    #expect(call?.message.name == "a/b")
    #expect {
      try samples.call("GET /v1/x", as: GetMessageRequest.self)
    } throws: { error in
      (error as? RPCError)?.message
        == "the field 'revision' of the path must be a number of type int64, not 'x'"
    }
  }

  @Test func moreParametersThanTheLimitAreAnError() throws {
    let limit = RequestFields.parameterLimit
    let most = Array(repeating: "numbers=1", count: limit).joined(separator: "&")
    let call = try samples.call("GET /v1/search?\(most)", as: Query.self)
    #expect(call?.message.numbers.count == limit)
    #expect(
      samples.searchError(most + "&numbers=1")?.message
        == "the query has more than \(limit) parameters; send a body")
  }

  @Test func deeperParametersThanTheLimitAreAnError() throws {
    let limit = Reader.defaultDepthLimit
    let most = String(repeating: "child.", count: limit - 1) + "text"
    var message = try samples.call("GET /v1/search?\(most)=x", as: Query.self)?.message
    for _ in 1..<limit { message = message?.child }
    #expect(message?.text == "x")
    let error = samples.searchError("child.\(most)=x")
    #expect(error?.message.hasSuffix("is not known: more than \(limit) names") == true)
  }
}
