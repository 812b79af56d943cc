// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AmaruCodegen

struct ProtocOutputTests {
  @Test(arguments: [
    (
      """
      commn.proto: File not found.
      app.proto:3:1: Import "commn.proto" was not found or had errors.
      app.proto:8:17: "common.Money" is not defined.
      """,
      [
        "/x/app.proto:3:1: error: import \"commn.proto\" was not found; put it into the target's "
          + "folder, into a target that this one depends on, or into protoPath of amaru.json"
      ]
    ),
    (
      """
      linked.proto:3:18: Expected ";".
      app.proto:4:1: Import "linked.proto" was not found or had errors.
      app.proto:8:105: "Linked" is not defined.
      """, ["/x/linked.proto:3:18: error: Expected \";\"."]
    ),
    (
      "a.proto:8:1: \"Money\" is not defined.", ["/x/a.proto:8:1: error: \"Money\" is not defined."]
    ),
    (
      "a.proto:1:1: warning: Import b.proto is unused.",
      ["/x/a.proto:1:1: warning: Import b.proto is unused."]
    ),
    (
      "--amaru_out: a.proto: A: proto2 is not supported",
      ["/x/a.proto: error: A: proto2 is not supported"]
    ),
    ("--amaru_out: option shape: is round", ["error: option shape: is round"]),
    ("something else", ["error: something else"]),
    ("x.proto: File not found.", ["/x/x.proto: error: File not found."]),
    ("a/b.proto: No such file", ["/x/a/b.proto: error: No such file"]),
    ("a.proto: warning: it is old", ["/x/a.proto: warning: it is old"]),
    ("nowhere: warning: directory does not exist.", ["nowhere: warning: directory does not exist."]),
    ("", []),
  ])
  func isOneLineForAMistake(_ output: String, _ lines: [String]) {
    #expect(ProtocOutput.rewrite(output) { "/x/\($0)" } == lines)
  }

  @Test func whatAProtocThatSucceedsSaysIsNoError() {
    #expect(ProtocOutput.rewrite("note", isError: false) { "/x/\($0)" } == ["note"])
  }
}
