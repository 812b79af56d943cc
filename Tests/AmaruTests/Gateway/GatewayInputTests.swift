// SPDX-License-Identifier: Apache-2.0
import Amaru
import GoldenRules
import Testing

/// What callers get wrong in bodies, queries and paths: each time an answer that says what and where.
struct GatewayInputTests {
  private static let search = "/lib/searchservice/search"

  // MARK: Bodies

  @Test(arguments: [
    (#"{"pageSize": 2147483648}"#, ["column 14", "at pageSize", "out of range"]),
    (#"{"pageSize": 1.5}"#, ["at pageSize", "not an integer"]),
    (#"{"big": 1e400}"#, ["at big", "out of range"]),
    (#"{"big": "18446744073709551616"}"#, ["at big", "out of range"]),
    (#"{"score": 1e999}"#, ["at score", "out of range"]),
    (#"{"child": {"child": {"pageSize": "x"}}}"#, ["at child.child.pageSize"]),
    ("{\"words\": [\"a\",\n 5]}", ["line 2", "at words[1]", "expected a string"]),
    (#"{"words": [null]}"#, ["at words[0]", "null"]),
    (#"{"labels": {"a": "b", "a": "c"}}"#, ["labels", #"the key \"a\" came already"#]),
    (#"{"text": "a", "text": "b"}"#, ["text", "came already"]),
    (#"{"page_size": 1, "pageSize": 2}"#, ["pageSize", "came already"]),
    (#"{"first": "a", "second": "b"}"#, ["at second", "oneof"]),
    (#"{"token": "!!"}"#, ["at token", "base64"]),
    (#"{"color": []}"#, ["at color"]),
    (#"{"since": "yesterday"}"#, ["at since", "google.protobuf.Timestamp"]),
    (#"{"age": "1"}"#, ["at age", "google.protobuf.Duration"]),
    (#"{"isNew": "yes"}"#, ["at isNew"]),
    (#"{"text": "a"} {}"#, ["column 15", "goes on"]),
    ("{\"text\": \"a\u{1}\"}", ["column 12", "at text", "control character"]),
    (#"{"text": "\ud800"}"#, ["at text", "escape"]),
    ("\u{feff}{}", ["column 1", "expected an object"]),
    ("text=a", ["column 1", "expected an object"]),
  ])
  func whatIsWrongInABodyIsNamedWithItsPlace(_ body: String, _ parts: [String]) async throws {
    let client = try SearchService.client()
    let response = try await client.post(Self.search, json: body)
    #expect(response.status == 400)
    #expect(response.header("content-type") == "application/json")
    for part in parts + ["rules.Query"] { #expect(response.text.contains(part), "\(response.text)") }
    await client.close()
  }

  @Test(arguments: [
    Array("{\"text\": \"".utf8) + [0xff] + Array("\"}".utf8),
    // An overlong slash, half of a surrogate pair, and a character that is cut short.
    Array("{\"text\": \"".utf8) + [0xc0, 0xaf] + Array("\"}".utf8),
    Array("{\"text\": \"".utf8) + [0xed, 0xa0, 0x80] + Array("\"}".utf8),
    Array("{\"text\": \"".utf8) + [0xe2, 0x82] + Array("\"}".utf8),
  ])
  func badUTF8IsNotTaken(_ body: [UInt8]) async throws {
    let client = try SearchService.client()
    let response = try await client.request("POST", Self.search, body: body)
    #expect(response.status == 400)
    #expect(response.text.contains("at text: the text is not valid UTF-8"), "\(response.text)")
    // The answer itself is, whatever was in the key.
    let key = try await client.request(
      "POST", Self.search, body: Array("{\"a".utf8) + [0xff] + Array("\": 1}".utf8))
    #expect(key.status == 400 && String(validating: key.body, as: UTF8.self) != nil)
    await client.close()
  }

  @Test func whatANewerCallerMayKnowIsSkipped() async throws {
    let client = try SearchService.client()
    let body = #"{"other": {"x": [1]}, "color": "PURPLE", "colors": ["COLOR_RED", "PURPLE"]}"#
    let response = try await client.post(Self.search, json: body)
    #expect(response.text == #"{"colors":["COLOR_RED"]}"#)
    await client.close()
  }

  @Test func theDepthOfTheLimitIsTakenAndOneMoreIsNot() async throws {
    let client = try SearchService.client()
    func nested(_ depth: Int) -> String {
      String(repeating: "{\"child\":", count: depth) + "{}" + String(repeating: "}", count: depth)
    }
    let deepest = try await client.post(Self.search, json: nested(100))
    #expect(deepest.status == 200)
    let deeper = try await client.post(Self.search, json: nested(101))
    #expect(deeper.status == 400)
    #expect(deeper.text.contains("column") && deeper.text.contains("nested too deeply"))
    // Neither may what is skipped be without end.
    let unknown = "{\"other\":" + String(repeating: "[", count: 1_000_000)
    let skipped = try await client.post(Self.search, json: unknown)
    #expect(skipped.status == 400 && skipped.text.contains("nested too deeply"))
    await client.close()
  }

  @Test func numbersOfAnyLengthAreReadOrRefused() async throws {
    let client = try SearchService.client()
    let digits = String(repeating: "9", count: 100_000)
    let big = try await client.post(Self.search, json: "{\"big\": \(digits)}")
    #expect(big.status == 400 && big.text.contains("at big: the number is out of range"))
    let small = try await client.post(Self.search, json: "{\"score\": 0.\(digits)}")
    let query = try small.decoded(as: Query.self)
    #expect(query.score == 1)
    await client.close()
  }

  // MARK: Queries

  @Test(arguments: [
    ("pageSize=x", "'pageSize' must be a number"), ("pageSize=2147483648", "'pageSize' must be"),
    ("page_size=1&pageSize=2", "'pageSize' came twice"),
    ("color=PURPLE", "one of COLOR_UNSPECIFIED, COLOR_RED, COLOR_BLUE"),
    ("since=yesterday", "'since' must be a time such as"),
    ("child.nope=1", "'child.nope' is not known"), ("child=5", "'child.text'"),
    ("labels.a=b", "'labels.a'"), ("labels=a", "'labels' is a map"),
    ("books.name=x", "'books.name'"), ("books=x", "'books' is a list of messages"),
    ("first=a&second=b", "'second' excludes 'first'"), ("isNew=maybe", "'isNew' must be true or false"),
    ("token=!", "'token' must be base64"), ("text=%zz", "'text=%zz' is not percent-encoded"),
    ("text=a%2", "'text=a%2' is not"), ("%ff=1", "'%ff=1' is not"), ("text=%c0%af", "is not percent-encoded"),
    ("=1", "'' is not known"), ("text", "200"), ("text=a=b&&", "200"),
  ])
  func whatIsWrongInAQueryIsNamedByItsParameter(_ query: String, _ part: String) async throws {
    let client = try SearchService.client()
    let response = try await client.get("\(Self.search)?\(query)")
    if part == "200" {
      #expect(response.status == 200, "\(response.text)")
    } else {
      #expect(response.status == 400)
      #expect(response.text.contains(part), "\(response.text)")
    }
    await client.close()
  }

  @Test func aQueryOfEveryKindOfFieldIsAMessage() async throws {
    let client = try SearchService.client()
    let response = try await client.get(
      Self.search + "?text=a%26b&words=x&words=y+z&pageSize=5&revision=0&color=COLOR_RED&colors=2"
        + "&since=2026-01-31T12%3A00%3A00Z&age=1.5s&mask=text,pageSize&maybeText=&child.child.isNew=true"
        + "&token=_w%3D%3D&first=1")
    #expect(response.status == 200, "\(response.text)")
    let query = try response.decoded(as: Query.self)
    #expect(query.text == "a&b" && query.words == ["x", "y z"] && query.pageSize == 5)
    #expect(query.revision == 0 && query.color == .red && query.colors == [.blue])
    #expect(query.maybeText != nil && query.child?.child?.isNew == true)
    #expect(query.token == [0xff] && query.choice == .first("1"))
    await client.close()
  }

  @Test func asManyParametersAsTheLimitAreTakenAndOneMoreIsNot() async throws {
    let client = try SearchService.client()
    let most = Array(repeating: "words=", count: 1000).joined(separator: "&")
    #expect(try await client.get("\(Self.search)?\(most)").status == 200)
    let more = try await client.get("\(Self.search)?\(most)&words=")
    #expect(more.status == 400 && more.text.contains("more than 1000 parameters"))
    await client.close()
  }

  // MARK: Paths

  @Test(arguments: [
    ("/lib/searchservice/search", 200), ("/lib/searchservice/%73earch", 200),
    ("http://elsewhere/lib/searchservice/search", 200),
    ("/lib/searchservice%2Fsearch", 404), ("/lib/searchservice/search/", 404),
    ("/lib//searchservice/search", 404), ("/lib/searchservice//search", 404),
    ("//lib/searchservice/search", 404), ("/LIB/searchservice/search", 404),
    ("/lib/searchservice/Search", 404), ("/lib/searchservice/search%00", 404),
    ("/lib/searchservice/search;a=b", 404), ("/lib/searchservice/search:cancel", 404),
    ("/lib/./searchservice/search", 400), ("/lib/x/../searchservice/search", 400),
    ("/lib/x/%2e%2E/searchservice/search", 400), ("/../../etc/passwd", 400),
    ("/lib/%2e%2e%2fsearchservice/search", 404), ("/lib/..%5csearchservice/search", 404),
    ("/lib/searchservice/search%", 400), ("/lib/searchservice/search%2", 400),
    ("/lib/searchservice/search%zz", 400), ("/lib/searchservice/search%c0%af", 400),
    ("/lib/searchservice/search%ed%a0%80", 400),
  ])
  func aPathIsWhatItSaysAndNothingElse(_ path: String, _ status: Int) async throws {
    let client = try SearchService.client()
    let response = try await client.post(path, json: "{}")
    #expect(response.status == status, "\(response.text)")
    if status != 200 {
      #expect(response.header("content-type") == "application/json")
      #expect(response.text.hasPrefix("{\"detail\":\""))
    }
    await client.close()
  }

  // MARK: Compression

  /// The gzip form of a body whose text has so many characters, as a server makes it.
  private static func compressed(_ count: Int) async throws -> [UInt8] {
    var limits = Limits()
    limits.maxReceivedMessageBytes = 32 << 20
    let client = try SearchService.client(limits, coding: .gzip)
    let text = String(repeating: "n", count: count)
    let response = try await client.post(
      Self.search, json: "{\"text\":\"\(text)\"}", headers: [("accept-encoding", "gzip")])
    #expect(response.header("content-encoding") == "gzip")
    await client.close()
    return response.body
  }

  private static func send(
    _ body: [UInt8], _ limits: Limits = Limits()
  ) async throws -> TestResponse {
    let client = try SearchService.client(limits)
    let response = try await client.request(
      "POST", Self.search, headers: [("content-encoding", "gzip")], body: body)
    await client.close()
    return response
  }

  @Test func bombsAreNotInflated() async throws {
    // 8 MiB of one character, of which gzip makes a thousandth.
    let bomb = try await Self.compressed(8 << 20)
    var limits = Limits()
    limits.maxReceivedMessageBytes = 32 << 20
    let byRatio = try await Self.send(bomb, limits)
    #expect(byRatio.status == 429 && byRatio.text.contains("more than 100 times"))
    let bySize = try await Self.send(bomb)
    #expect(bySize.status == 429, "\(bySize.text)")
  }

  @Test func aMessageInflatesToTheLimitAndNotBeyond() async throws {
    let count = 10_000
    let body = try await Self.compressed(count)
    var limits = Limits()
    limits.maxReceivedMessageBytes = count + #"{"text":""}"#.utf8.count
    #expect(try await Self.send(body, limits).status == 200)
    limits.maxReceivedMessageBytes -= 1
    let over = try await Self.send(body, limits)
    #expect(over.status == 429 && over.text.contains("after decompression"))
  }

  @Test func damagedCompressionIsTheCallersFault() async throws {
    let body = try await Self.compressed(100)
    for damaged in [Array(body.dropLast()), body + [0], Array(body.reversed()), [0x1f]] {
      let response = try await Self.send(damaged)
      #expect(response.status == 400 && response.text.contains("malformed"))
    }
    // Nothing is a message without fields, compressed or not.
    #expect(try await Self.send([]).text == "{}")
  }
}
