// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import GoldenRules
import Testing

@testable import AmaruProtocols

struct HTTPBindingsTests {
  /// A row of the examples in the comment of `google/api/http.proto`.
  struct Example: Sendable, CustomTestStringConvertible {
    let rule: String
    let request: String
    let method: String
    let json: String
    var testDescription: String { request }
  }

  private static let get = #""selector": "rules.Messaging.GetMessage""#
  private static let additional = """
    \(get), "get": "/v1/messages/{message_id}",
    "additional_bindings": [{"get": "/v1/users/{user_id}/messages/{message_id}"}]
    """

  @Test(arguments: [
    Example(
      rule: get + #", "get": "/v1/{name=messages/*}""#, request: "GET /v1/messages/123456",
      method: "GetMessage", json: #"{"name":"messages/123456"}"#),
    Example(
      rule: get + #", "get": "/v1/messages/{message_id}""#,
      request: "GET /v1/messages/123456?revision=2&sub.subfield=foo", method: "GetMessage",
      json: #"{"messageId":"123456","revision":"2","sub":{"subfield":"foo"}}"#),
    Example(
      rule: """
        "selector": "rules.Messaging.UpdateMessage", "patch": "/v1/messages/{message_id}",
        "body": "message"
        """,
      request: "PATCH /v1/messages/123456", method: "UpdateMessage",
      json: #"{"messageId":"123456"}"#),
    Example(
      rule: """
        "selector": "rules.Messaging.ReplaceMessage", "patch": "/v1/messages/{message_id}",
        "body": "*"
        """,
      request: "PATCH /v1/messages/123456", method: "ReplaceMessage",
      json: #"{"messageId":"123456"}"#),
    Example(
      rule: additional, request: "GET /v1/messages/123456", method: "GetMessage",
      json: #"{"messageId":"123456"}"#),
    Example(
      rule: additional, request: "GET /v1/users/me/messages/123456", method: "GetMessage",
      json: #"{"messageId":"123456","userId":"me"}"#),
    Example(
      rule: get + #", "get": "/v1/messages/{message_id}/{sub.subfield}""#,
      request: "GET /v1/messages/123456/foo", method: "GetMessage",
      json: #"{"messageId":"123456","sub":{"subfield":"foo"}}"#),
  ])
  func theExamplesOfTheSourceWork(_ example: Example) throws {
    let samples = try RuleSamples(#"{"rules": [{\#(example.rule)}]}"#)
    let call: (method: String, json: String)? =
      switch example.method {
      case "GetMessage":
        try samples.call(example.request, as: GetMessageRequest.self)
          .map { ($0.method, try $0.message.jsonString()) }
      case "UpdateMessage":
        try samples.call(example.request, as: UpdateMessageRequest.self)
          .map { ($0.method, try $0.message.jsonString()) }
      default:
        try samples.call(example.request, as: GoldenRules.Message.self)
          .map { ($0.method, try $0.message.jsonString()) }
      }
    #expect(call?.method == example.method)
    #expect(call?.json == example.json)
  }

  @Test(arguments: [
    ("GET /v1/shelves/1/books/2", "GetBook", "shelves/1/books/2"),
    ("GET /v1/books/2", "GetBook", "2"),
    ("PUT /v1/shelves/1/books/2", "ReplaceBook", "shelves/1/books/2"),
    ("DELETE /v1/shelves/1/books/2", "DeleteBook", "shelves/1/books/2"),
    ("CHECK /v1/shelves/1/books/2", "CheckBook", "shelves/1/books/2"),
    ("POST /v1/shelves/1/books/2:cancel", "CancelLoan", "shelves/1/books/2"),
    ("GET /v1/shelves/1/books:watch", "Watch", "shelves/1"),
    ("GET /v1/files/a/b/c", "Download", "a/b/c"),
    ("GET /v1/files", "Download", ""),
    ("GET /v1/files/", "Download", ""),
    // A single segment is decoded as a whole, several keep %2F.
    ("GET /v1/books/a%2Fb%20c%3a", "GetBook", "a/b c:"),
    ("GET /v1/shelves/a%2Fb%2fc/books/%41+", "GetBook", "shelves/a%2Fb%2fc/books/A+"),
    ("GET /v1/files/a%2Fb", "Download", "a%2Fb"),
    ("GET /v1/files/%C3%A9/..%2f", "Download", "\u{e9}/..%2f"),
  ])
  func theRulesOfTheDescriptorsAreRead(
    _ request: String, _ method: String, _ name: String
  ) throws {
    let samples = try RuleSamples()
    let call = try samples.call(request, as: GetBookRequest.self)
    #expect(call?.method == method)
    #expect(call?.message.name == name)
  }

  @Test func pathsLeadIntoMessages() throws {
    let samples = try RuleSamples()
    let call = try samples.call(
      "PATCH /v1/shelves/1/books/2?updateMask=title,authors&allow_missing=true",
      as: UpdateBookRequest.self)
    #expect(call?.method == "UpdateBook")
    #expect(call?.message.book?.name == "shelves/1/books/2")
    #expect(call?.message.updateMask?.paths == ["title", "authors"])
    #expect(call?.message.allowMissing == true)
  }

  @Test func aMethodWithoutARuleHasNoPath() throws {
    let samples = try RuleSamples()
    #expect(try samples.call("POST /rules.Library/Ping", as: Book.self) == nil)
    #expect(!samples.bindings.isEmpty)
    #expect(try HTTPBindings(RuleSamples.messaging).isEmpty)
  }

  // MARK: Rules at run time

  @Test func theLastRuleForAMethodWinsAlsoOverItsDescriptor() throws {
    let http = try Google_Api_Http(
      json: """
        {"rules": [
          {"selector": "rules.Library.GetBook", "get": "/first/{name}"},
          {"selector": "rules.Library.GetBook", "custom": {"kind": "*", "path": "/last/{name}"}}
        ]}
        """)
    let bindings = try HTTPBindings(RuleSamples.library, rules: http.rules)
    guard case .found(let binding, _) = bindings.match("/last/x", method: "QUERY") else {
      Issue.record("the last rule does not count")
      return
    }
    #expect(binding.handler.method.fullName == "rules.Library/GetBook")
    for path in ["/first/x", "/v1/books/x"] {
      guard case .none = bindings.match(path, method: "GET") else {
        Issue.record("\(path) is there still")
        return
      }
    }
  }

  // MARK: Errors at start

  private func expectError(_ rule: String, _ text: String) throws {
    #expect {
      try RuleSamples(#"{"rules": [{\#(rule)}]}"#)
    } throws: { error in
      "\(error)" == "the HTTP rule for \(text)"
    }
  }

  @Test(arguments: [
    ("", "no path; set get, put, post, delete, patch or custom"),
    (
      #", "custom": {"path": "/v1"}"#, "the kind '' is not an HTTP method; write one such as HEAD, or *"
    ),
    (
      #", "custom": {"kind": "A B", "path": "/v1"}"#,
      "the kind 'A B' is not an HTTP method; write one such as HEAD, or *"
    ),
    (
      #", "get": "/v1/{name""#,
      "the path template '/v1/{name', position 10: expected '}'"
    ),
    (
      #", "get": "/v1/{nam}""#,
      "'{nam}' in '/v1/{nam}': rules.GetMessageRequest has no field 'nam'"
    ),
    (
      #", "get": "/v1/{sub}""#,
      "'{sub}' in '/v1/{sub}': a field of the path must be singular, and no message"
    ),
    (
      #", "get": "/v1/{name.x}""#,
      "'{name.x}' in '/v1/{name.x}': rules.GetMessageRequest.name is not a singular message"
    ),
    (
      #", "get": "/v1", "body": "*""#, "GET has no body (RFC 9110 9.3.1); leave body out, or use POST"
    ),
    (
      #", "post": "/v1", "body": "sub.subfield""#,
      "body: rules.GetMessageRequest has no field 'sub.subfield'; name one of its own, or *"
    ),
    (
      #", "post": "/v1/{name}", "body": "name""#,
      "the field name is both in the path and the body; take it out of one"
    ),
    (
      #", "get": "/v1", "response_body": "x""#,
      "response_body: rules.Message has no field 'x'; name one of its own"
    ),
    (
      #", "get": "/v1", "additional_bindings": [{"get": "/v2", "additional_bindings": [{}]}]"#,
      "additional_bindings inside of additional_bindings; put them side by side"
    ),
    (
      #", "get": "/v1/{name}", "additional_bindings": [{"get": "/v1/{user_id}"}]"#,
      "GET /v1/{user_id} takes the requests of GET /v1/{name} of rules.Messaging/GetMessage; change one"
    ),
  ])
  func aWrongRuleIsAnError(_ rest: String, _ reason: String) throws {
    try expectError(
      #""selector": "rules.Messaging.GetMessage"\#(rest)"#, "rules.Messaging/GetMessage: \(reason)")
  }

  @Test func aSelectorOfNoMethodIsAnError() throws {
    try expectError(
      #""selector": "rules.Messaging.Get", "get": "/v1""#,
      "rules.Messaging.Get: no service here has this method; a selector is package.Service.Method")
  }

  @Test func aConflictNamesBothMethods() throws {
    #expect {
      try RuleSamples(
        """
        {"rules": [
          {"selector": "rules.Messaging.GetMessage", "post": "/v1/{name=a/*}:go"},
          {"selector": "rules.Messaging.UpdateMessage", "post": "/v1/a/{message_id}:go"}
        ]}
        """)
    } throws: { error in
      "\(error)" == """
        the HTTP rule for rules.Messaging/UpdateMessage: POST /v1/a/{message_id}:go takes the requests of \
        POST /v1/{name=a/*}:go of rules.Messaging/GetMessage; change one
        """
    }
  }
}
