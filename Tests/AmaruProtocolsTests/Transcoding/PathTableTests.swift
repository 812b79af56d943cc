// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import AmaruProtocols

struct PathTableTests {
  /// A table of templates, each `METHOD /path`, numbered in their order.
  private func table(_ lines: [String]) throws -> PathTable {
    var table = PathTable()
    for (number, line) in lines.enumerated() {
      let parts = line.split(separator: " ").map(String.init)
      let template = try PathTemplate(parts[1])
      #expect(table.insert(template, method: parts[0], number: number) == nil)
    }
    return table
  }

  /// The line that a request leads to; nil for none.
  private func find(_ lines: [String], _ path: String, _ method: String = "GET") throws -> String? {
    guard case .found(let number, _) = try table(lines).match(path, method: method) else { return nil }
    return lines[number]
  }

  @Test func literalsComeBeforeOneSegmentAndThatBeforeTheRest() throws {
    let lines = ["GET /v1/**", "GET /v1/*/books", "GET /v1/shelves/books", "GET /v1/*/*", "GET /**"]
    for (path, line) in [
      ("/v1/shelves/books", lines[2]), ("/v1/x/books", lines[1]), ("/v1/shelves/x", lines[3]),
      ("/v1/x", lines[0]), ("/v1", lines[0]), ("/v1/x/y/z", lines[0]), ("/v2/x", lines[4]),
      ("/", lines[4]),
    ] {
      #expect(try find(lines, path) == line, "\(path)")
    }
  }

  @Test func theNextBestIsTriedWhereTheBestLeadsNowhere() throws {
    let lines = ["GET /a/b/c", "GET /a/*/d", "GET /*/b/e", "GET /a/**", "POST /*/*/*"]
    for (path, line) in [
      ("/a/b/c", lines[0]), ("/a/b/d", lines[1]), ("/x/b/e", lines[2]), ("/a/b/e", lines[3]),
      ("/a/b/f", lines[3]), ("/x/b/f", nil),
    ] {
      #expect(try find(lines, path) == line, "\(path)")
    }
    #expect(try find(lines, "/a/b/c", "POST") == lines[4])
  }

  @Test func anOwnHTTPMethodComesBeforeAny() throws {
    let lines = ["* /v1/*", "GET /v1/*", "POST /v1/x"]
    #expect(try find(lines, "/v1/x", "GET") == lines[1])
    #expect(try find(lines, "/v1/x", "POST") == lines[2])
    #expect(try find(lines, "/v1/x", "PUT") == lines[0])
    #expect(try find(lines, "/v1/y", "POST") == lines[0])
  }

  @Test func aPlainTemplateIsFoundByItsText() throws {
    let lines = ["POST /v1/shelves:list", "GET /v1/shelves", "* /v1/*", "GET /%76/a", "GET /v1/**"]
    for (path, method, line) in [
      ("/v1/shelves:list", "POST", lines[0]), ("/v1/shelves:lis%74", "POST", lines[0]),
      ("/v1/shelves", "GET", lines[1]), ("/v1/%73helves", "GET", lines[1]),
      ("/v1/shelves", "PUT", lines[2]), ("/v/a", "GET", lines[3]), ("/%76/a", "GET", lines[3]),
      ("/v1/shelves/", "GET", lines[4]),
    ] {
      #expect(try find(lines, path, method) == line, "\(method) \(path)")
    }
  }

  @Test func otherHTTPMethodsAreNamed() throws {
    let table = try table(["PUT /v1/*", "DELETE /v1/x", "GET /v1/*:go", "GET /v2"])
    #expect(table.match("/v1/x", method: "GET") == .otherMethods(["DELETE", "PUT"]))
    #expect(table.match("/v1/x:go", method: "POST") == .otherMethods(["GET", "PUT"]))
    #expect(table.match("/v3", method: "GET") == .none)
    #expect(table.match("v1/x", method: "PUT") == .none)
    #expect(table.match("*", method: "OPTIONS") == .none)
    #expect(table.match("", method: "GET") == .none)
  }

  @Test func verbsStandBehindTheLastColon() throws {
    let lines = ["GET /v1/*", "GET /v1/*:go", "GET /v1/**:stop", "GET /v1:go", "GET /v1/x%3Ay"]
    for (path, line) in [
      ("/v1/x", lines[0]), ("/v1/x:go", lines[1]), ("/v1/x:y:go", lines[1]),
      // Not a verb of any template: part of the segment.
      ("/v1/x:other", lines[0]), ("/v1/x:go:", lines[0]),
      // An encoded colon begins no verb.
      ("/v1/x%3Ago", lines[0]), ("/v1/x:%67o", lines[1]), ("/v1/x:y", lines[4]),
      ("/v1:go", lines[3]), ("/v1:stop", lines[2]), ("/v1/a/b:stop", lines[2]),
      ("/v1/a/b", nil), ("/v1/:go", lines[0]), ("/v1:GO", nil),
    ] {
      #expect(try find(lines, path) == line, "\(path)")
    }
  }

  @Test func encodedSlashesAndTraversalDoNotChangeTheRoute() throws {
    let table = try table(["GET /v1/*/b", "GET /v1/**", "GET /admin/*", "GET /v1/a%2Fb"])
    func number(_ path: String) -> Int? {
      if case .found(let number, _) = table.match(path, method: "GET") { return number }
      return nil
    }
    #expect(number("/v1/a%2Fb") == 3)
    #expect(number("/v1/x%2Fb") == 1)
    #expect(number("/v1/x%2fy/b") == 0)
    #expect(number("/v1/..%2f..%2fadmin%2fx/b") == 0)
    #expect(number("/v1%2Fa/b") == nil)
    #expect(number("/%761/x/b") == 0)
    #expect(number("/v1/...") == 1)
    for segment in ["..", ".", "%2e%2e", "%2E.", ".%2e", "%2e", "%zz", "%", "%ff"] {
      for path in ["/v1/\(segment)/../admin/x", "/v1/\(segment)", "/\(segment)/admin"] {
        #expect(table.match(path, method: "GET") == .malformed(segment), "\(path)")
      }
    }
  }

  @Test func emptySegmentsAreNotOneSegment() throws {
    let table = try table(["GET /v1/*", "GET /v1/*/x", "GET /v2/**"])
    #expect(table.match("/v1/", method: "GET") == .none)
    #expect(table.match("/v1//x", method: "GET") == .none)
    #expect(table.match("/v1/a/", method: "GET") == .none)
    #expect(table.match("//v1/a", method: "GET") == .none)
    #expect(table.match("/v2//a/", method: "GET") == .found(2, segments: ["v2", "", "a", ""]))
    #expect(table.match("/v2", method: "GET") == .found(2, segments: ["v2"]))
  }

  @Test(arguments: [
    ("/v1/*", "/v1/{name}"), ("/v1/{a=x/*}", "/v1/x/{b}"), ("/v1/**", "/v1/{name=**}"),
    ("/", "/"), ("/a:go", "/a:%67o"), ("/%61", "/a"),
  ])
  func templatesForTheSamePathsConflict(_ first: String, _ second: String) throws {
    var table = PathTable()
    #expect(table.insert(try PathTemplate(first), method: "GET", number: 7) == nil)
    #expect(table.insert(try PathTemplate(second), method: "GET", number: 8) == 7)
    #expect(table.insert(try PathTemplate(second), method: "PUT", number: 9) == nil)
    #expect(table.insert(try PathTemplate(second), method: "*", number: 10) == nil)
  }

  @Test func aPathOfManySegmentsIsSearchedWithoutRepetition() throws {
    // Two ways at each depth, and none of them leads anywhere.
    let depth = PathTemplate.segmentLimit
    var lines = ["GET " + String(repeating: "/a", count: depth)]
    for index in 0..<depth - 1 {
      let parts = (0..<depth).map { $0 == index ? "/*" : $0 == depth - 1 ? "/z" : "/a" }
      lines.append("GET " + parts.joined())
    }
    let path = String(repeating: "/a", count: depth - 1) + "/b"
    #expect(try table(lines).match(path, method: "GET") == .none)
    #expect(try table(lines).match(String(repeating: "/a", count: 8000), method: "GET") == .none)
  }

  /// `Tests/vectors/path_templates.py` has written what Google's own library for Python says.
  @Test func templatesMatchWhatTheyMatchInPython() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: tests.appending(path: "vectors/path_templates.txt"), encoding: .utf8)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 600)
    for line in lines {
      let parts = line.split(separator: " ").map(String.init)
      let found = try find(["GET \(parts[1])"], parts[2])
      #expect((found != nil) == (parts[0] == "1"), "\(line)")
    }
  }
}
