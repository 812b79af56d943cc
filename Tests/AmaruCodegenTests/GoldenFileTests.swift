// SPDX-License-Identifier: Apache-2.0

import AmaruProtobuf
import Foundation
import Testing

@testable import AmaruCodegen

/// The generator's output is compared with files that are checked in, and which a target compiles.
/// `scripts/generate.sh` writes them.
struct GoldenFileTests {
  @Test(arguments: ["Plain", "Hiding", "Editions", "Clashes", "Rules"])
  func outputEqualsTheGoldenFiles(_ folder: String) throws {
    let response = try generate(GoldenRequest.load(folder))
    #expect(response.error == nil)
    #expect(!response.file.isEmpty)
    for file in response.file {
      let name = try #require(file.name)
      let golden = GoldenRequest.tests.appending(path: "Golden\(folder)/\(name)")
      let expected = try String(contentsOf: golden, encoding: .utf8)
      #expect(
        file.content == expected, "\(name) is out of date: run scripts/generate.sh")
    }
  }

  @Test func sameRequestGivesSameBytes() throws {
    let request = try GoldenRequest.load("Plain").encoded()
    let first = try CodeGenerator.respond(to: request.span.bytes)
    for _ in 0..<5 { #expect(try CodeGenerator.respond(to: request.span.bytes) == first) }
  }

  @Test func optionalFieldsAndEditionsAreAnnounced() throws {
    let response = try generate(Request())
    #expect(response.supportedFeatures == 3)
    #expect(response.minimumEdition == 998)
    #expect(response.maximumEdition == 1001)
  }

  @Test func linesOfCodeAreShort() throws {
    for file in try generate(GoldenRequest.load("Plain")).file {
      for line in (file.content ?? "").split(separator: "\n") {
        #expect(line.count <= 120, "\(line)")
      }
    }
  }
}
