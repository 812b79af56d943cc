// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import AmaruProtocols

struct PathTemplateTests {
  typealias Segment = PathTemplate.Segment

  @Test(
    arguments: [
      ("/", [], nil),
      ("/v1", [.literal("v1")], nil),
      ("/v1/*", [.literal("v1"), .any], nil),
      ("/v1/**", [.literal("v1"), .rest], nil),
      ("/**", [.rest], nil),
      ("/v1/{name}", [.literal("v1"), .any], nil),
      ("/v1/{name=*}", [.literal("v1"), .any], nil),
      ("/v1/{name=shelves/*/books/**}", [.literal("v1"), .literal("shelves"), .any, .literal("books"), .rest], nil),
      ("/v1/{a.b_c.D2=x}/{e}", [.literal("v1"), .literal("x"), .any], nil),
      ("/v1:batch", [.literal("v1")], "batch"),
      ("/v1/{name=**}:cancel", [.literal("v1"), .rest], "cancel"),
      ("/a-b.c~d!$&'()+,;=@/e", [.literal("a-b.c~d!$&'()+,;=@"), .literal("e")], nil),
      ("/caf%C3%A9/a%2Fb%3ac%2a:%76", [.literal("caf\u{e9}"), .literal("a/b:c*")], "v"),
    ] as [(String, [Segment], String?)])
  func templatesOfTheGrammarAreParsed(
    _ text: String, _ segments: [Segment], _ verb: String?
  ) throws {
    let template = try PathTemplate(text)
    #expect(template.segments == segments)
    #expect(template.verb == verb)
    #expect(template.text == text)
  }

  @Test func variablesKnowTheirSegments() throws {
    let template = try PathTemplate("/v1/{a}/{b=x}/{c=x/*}/y/{d.e=z/**}:go")
    let expected: [PathTemplate.Variable] = [
      .init(field: "a", segments: 1..<2, isMultiSegment: false, isRest: false),
      .init(field: "b", segments: 2..<3, isMultiSegment: false, isRest: false),
      .init(field: "c", segments: 3..<5, isMultiSegment: true, isRest: false),
      .init(field: "d.e", segments: 6..<8, isMultiSegment: true, isRest: true),
    ]
    #expect(template.variables == expected)
    let rest = try PathTemplate("/{name=**}").variables[0]
    #expect(rest == .init(field: "name", segments: 0..<1, isMultiSegment: true, isRest: true))
  }

  @Test(arguments: [
    ("", 1, "a template begins with '/'"),
    ("v1", 1, "a template begins with '/'"),
    ("//v1", 2, "a segment is empty"),
    ("/v1/", 5, "expected a segment"),
    ("/v1//x", 5, "a segment is empty"),
    ("/v1:", 5, "expected a verb after ':'"),
    ("/:go", 2, "':' begins the verb, behind the last segment; as text write '%3A'"),
    ("/v1:a:b", 6, "':' begins the verb, behind the last segment; as text write '%3A'"),
    ("/v1:a/b", 4, "':' begins the verb, behind the last segment; as text write '%3A'"),
    ("/{a=b:c}", 6, "':' begins the verb, behind the last segment; as text write '%3A'"),
    ("/v1/**/x", 8, "'**' must be the last segment"),
    ("/{a=**}/x", 9, "'**' must be the last segment"),
    ("/{a=**/x}", 8, "'**' must be the last segment"),
    ("/***", 4, "unexpected '*'"),
    ("/a*", 3, "'*' must be a segment of its own, or '%2A'"),
    ("/*a", 3, "unexpected 'a'"),
    ("/{a}b", 5, "unexpected 'b'"),
    ("/a{b}", 3, "unexpected '{'"),
    ("/{", 3, "expected the name of a field"),
    ("/{}", 3, "expected the name of a field"),
    ("/{1a}", 3, "expected the name of a field"),
    ("/{a.}", 5, "expected the name of a field"),
    ("/{a-b}", 4, "unexpected '-'"),
    ("/{a", 4, "expected '}'"),
    ("/{a=", 5, "expected a segment"),
    ("/{a=}", 5, "unexpected '}'"),
    ("/{a={b}}", 5, "a variable cannot be inside of another"),
    ("/{a}/{a=x}", 7, "the field a came already"),
    ("/}", 2, "unexpected '}'"),
    ("/a b", 3, "a character that must be percent-encoded"),
    ("/a?b", 3, "a character that must be percent-encoded"),
    ("/caf\u{e9}", 5, "a character that must be percent-encoded"),
    ("/a/%zz", 4, "'%zz' is not percent-encoded UTF-8"),
    ("/a/b%4", 4, "'b%4' is not percent-encoded UTF-8"),
    ("/%ff", 2, "'%ff' is not percent-encoded UTF-8"),
  ])
  func errorsNameThePosition(_ text: String, _ position: Int, _ reason: String) {
    let error = PathTemplateError(template: text, position: position, reason: reason)
    #expect(throws: error) { try PathTemplate(text) }
    #expect("\(error)" == "the path template '\(text)', position \(position): \(reason)")
  }

  @Test func moreSegmentsThanTheLimitAreAnError() throws {
    let most = String(repeating: "/a", count: PathTemplate.segmentLimit)
    #expect(try PathTemplate(most).segments.count == PathTemplate.segmentLimit)
    for text in [most + "/a", most + "/{x}", "/{x=" + most.dropFirst() + "/*}"] {
      #expect {
        try PathTemplate(text)
      } throws: {
        "\($0)".hasSuffix("more than \(PathTemplate.segmentLimit) segments")
      }
    }
  }

  @Test(
    arguments: [
      ("a", "a", "a"), ("", "", ""), ("%41%2f%2F%20", "A// ", "A%2f%2F "), ("a+b", "a+b", "a+b"),
      ("%C3%A9", "\u{e9}", "\u{e9}"), ("%", nil, nil), ("%4", nil, nil), ("%4g", nil, nil),
      ("%%41", nil, nil), ("%ff", nil, nil), ("%C3", nil, nil), ("%00", "\0", "\0"),
      ("%252F", "%2F", "%2F"),
    ] as [(String, String?, String?)])
  func textIsDecodedStrictly(_ raw: String, _ decoded: String?, _ withSlashes: String?) {
    #expect(PathText.decode(raw) == decoded)
    #expect(PathText.decode(raw, keepsSlashes: true) == withSlashes)
  }
}
