// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport
import Testing

struct RouterTests {
  @Test(arguments: ["Unary", "Collect", "List", "Chat"])
  func everyMethodIsFoundByItsPath(_ name: String) throws {
    let router = try Router([TestService.echo])
    #expect(try router.handler(forPath: "/test.v1.Test/\(name)").method.name == name)
  }

  @Test(arguments: [
    ("", "malformed path"),
    ("test.v1.Test/Unary", "malformed path"),
    ("/", "malformed path"),
    ("//", "malformed path"),
    ("//Unary", "malformed path"),
    ("/Unary", "malformed path"),
    ("/test.v1.Test", "malformed path"),
    ("*", "malformed path"),
    ("/test.v1.Other/Unary", "unknown service test.v1.Other"),
    ("/test.v1.Test/Other", "unknown method Other of service test.v1.Test"),
    ("/test.v1.Test/", "unknown method  of service test.v1.Test"),
    ("/test.v1.Test/unary", "unknown method unary"),
    ("/test.v1.Test/Unary/", "unknown service test.v1.Test/Unary"),
    ("/test.v1.Test/Unary?x=1", "unknown method Unary?x=1"),
    ("/test.v1.Test/%55nary", "unknown method %55nary"),
    ("/a/test.v1.Test/Unary", "unknown service a/test.v1.Test"),
  ])
  func aPathThatLeadsNowhereIsUnimplementedAndSaysWhy(_ path: String, _ text: String) throws {
    let router = try Router([TestService.echo])
    let error = #expect(throws: RPCError.self) { try router.handler(forPath: path) }
    #expect(error?.code == .unimplemented)
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
  }

  @Test func oneMethodServedTwiceIsAnError() {
    #expect(throws: RouterError.duplicateMethod("test.v1.Test/Unary")) {
      try Router([TestService.echo, TestService.echo])
    }
  }

  @Test func servicesAreListedOnceEach() throws {
    #expect(try Router([TestService.echo]).serviceNames == ["test.v1.Test"])
    #expect(try Router([]).serviceNames.isEmpty)
  }

  @Test func aDescriptorTellsServiceAndNameApart() {
    let method = TestMethods.unary.descriptor
    #expect(method.fullName == "test.v1.Test/Unary")
    #expect(method.service == "test.v1.Test")
    #expect(method.name == "Unary")
  }

  @Test func kindsKnowHowManyMessagesThereAre() {
    let table = MethodKind.allCases.map { [$0.hasSingleRequest, $0.hasSingleResponse] }
    #expect(table == [[true, true], [false, true], [true, false], [false, false]])
  }
}
