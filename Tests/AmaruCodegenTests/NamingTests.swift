// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AmaruCodegen

struct NamingTests {
  @Test(arguments: [
    ("unit_price", "unitPrice"), ("a", "a"), ("HTTPHeader", "httpHeader"), ("URL", "url"),
    ("fooBar", "fooBar"), ("_leading", "leading"), ("trailing_", "trailing"), ("a__b", "aB"),
    ("line_2", "line2"), ("2d", "_2d_"), ("_", "___"), ("in", "`in`"), ("self", "self_p"),
    ("init", "init_p"), ("unknown_fields", "unknownFields_p"), ("description", "description"),
  ])
  func fieldsAreLowerCamelCase(_ proto: String, _ swift: String) {
    #expect(Naming.property(proto) == swift)
  }

  @Test(arguments: [
    ("SayHello", "sayHello"), ("HTTPGet", "httpGet"), ("get", "get"), ("Handlers", "handlers_p"),
    ("Default", "`default`"),
  ])
  func methodsAreLowerCamelCase(_ proto: String, _ swift: String) {
    #expect(Naming.function(proto) == swift)
  }

  @Test(arguments: [
    ("Color", ["COLOR_UNSPECIFIED", "COLOR_DARK_RED"], ["unspecified", "darkRed"]),
    ("ColorKind", ["COLOR_KIND_A", "COLORKIND_B"], ["a", "b"]),
    ("Color", ["COLOR", "COLORFUL", "RED"], ["color", "colorful", "red"]),
    ("Color", ["COLOR_2D", "COLOR_3"], ["color2d", "color3"]),
    ("Color", ["COLOR_RED", "RED"], ["colorRed", "red"]),
    ("Color", ["ColorRed", "fancyBlue"], ["red", "fancyBlue"]),
    ("Strip", ["STRIP_B_C", "STRIP_B__C", "strip_b_c"], ["stripBC", "stripBC_1", "stripBC_2"]),
    ("Color", ["COLOR_PROTO_NAME"], ["protoName_p"]),
    ("Type", ["TYPE_SELF", "TYPE_INIT", "TYPE_IN"], ["self_p", "init_p", "`in`"]),
  ])
  func enumValuesLoseThePrefix(_ name: String, _ values: [String], _ cases: [String]) {
    let numbered = values.enumerated().map { (name: $1, number: Int32($0)) }
    #expect(Naming.enumCases(numbered, of: name) == cases)
  }

  @Test func aNegativeNumberIsAnEndingToo() {
    let names = Naming.enumCases([("A_B", -7), ("A__B", -8), ("a_b", -7)], of: "Color")
    #expect(names == ["aB", "aB_minus8", "aB"])
  }

  @Test(arguments: [
    ("", true), ("Acme", true), ("_a1", true), ("1x", false), ("a b", false), ("a,b", false),
    ("a-b", false), ("é", false),
  ])
  func aPrefixBeginsAName(_ text: String, _ isPrefix: Bool) {
    #expect(Naming.isPrefix(text) == isPrefix)
  }

  @Test(arguments: [
    ("inventory.proto", "inventoryProto"), ("greet/v1/greet.proto", "greetV1GreetProto"),
    ("a-b/c_d.proto", "abcdProto"), ("1.proto", "_1_Proto"),
  ])
  func filesHaveAConstant(_ path: String, _ swift: String) {
    #expect(Naming.file(path) == swift)
  }

  @Test(arguments: [
    ("Item", "Item"), ("item", "Item"), ("Type", "TypeMessage"), ("Any", "AnyMessage"),
    ("Amaru", "AmaruMessage"),
  ])
  func typesAreUpperCase(_ proto: String, _ swift: String) {
    #expect(Naming.type(proto, suffix: "Message") == swift)
  }
}
