// SPDX-License-Identifier: Apache-2.0

/// Turns proto names into Swift names.
enum Naming {
  /// `unit_price` becomes `unitPrice`; safe as a property or enum case.
  static func property(_ protoName: String) -> String {
    member(loweringStart(of: joiningWords(of: protoName)))
  }

  /// `SayHello` becomes `sayHello`, `HTTPGet` becomes `httpGet`; safe as a function.
  static func function(_ protoName: String) -> String {
    let name = property(protoName)
    return name == "handlers" ? name + "_p" : name
  }

  /// A message's or enum's own name, with an upper-case start, behind `prefix`; safe as a type.
  static func type(_ protoName: String, suffix: String, prefix: String = "") -> String {
    let name = prefix + protoName.prefix(1).uppercased() + protoName.dropFirst()
    return reservedTypes.contains(name) ? name + suffix : name
  }

  /// `payment_kind` becomes `PaymentKind`.
  static func oneof(_ protoName: String) -> String {
    let name = joiningWords(of: protoName)
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  /// `greet/v1/greet.proto` becomes `greetV1GreetProto`.
  static func file(_ path: String) -> String {
    let words = withoutExtension(path).split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let joined = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    return startingWithLetter(loweringStart(of: joined)) + "Proto"
  }

  /// `google/api/http.proto` becomes `GoogleApiHttpExtensions`.
  static func extensions(of path: String) -> String {
    let name = file(path).dropLast("Proto".count)
    return name.prefix(1).uppercased() + name.dropFirst() + "Extensions"
  }

  /// Whether a Swift name can begin with this; an empty prefix is one.
  static func isPrefix(_ prefix: String) -> Bool {
    prefix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      && prefix.first?.isNumber != true
  }

  /// A path without its `.proto`.
  static func withoutExtension(_ path: String) -> String {
    path.hasSuffix(".proto") ? String(path.dropLast(6)) : path
  }

  /// `google.protobuf` becomes `Google_Protobuf_`.
  static func packagePrefix(_ package: String) -> String {
    package.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() + "_" }.joined()
  }

  /// The Swift names of an enum's values: lower camel case, without the enum's own name in front
  /// where the rest is a name of its own (`COLOR_RED` of `Color` becomes `red`).
  static func enumCases(
    _ values: [(name: String, number: Int32)], of enumName: String
  ) -> [String] {
    let long = values.map { constant($0.name) }
    let short = values.map { removingPrefix(enumName, from: $0.name).map(constant) }
    let candidates = zip(short, long).map { $0 ?? $1 }
    var uses: [String: Set<Int32>] = [:]
    for (name, value) in zip(candidates, values) { uses[name, default: []].insert(value.number) }
    let names = zip(candidates, long).map { uses[$0]?.count == 1 ? $0 : $1 }
    // Aliases of one number may share a name; of other values the later one gets its number.
    var unique = UniqueNames()
    var given: [String: [Int32: String]] = [:]
    return zip(names, values).map { name, value in
      if let name = given[name]?[value.number] { return name }
      let ending = "\(value.number < 0 ? "minus" : "")\(value.number.magnitude)"
      let result = unique.take(name, ending: ending)
      given[name, default: [:]][value.number] = result
      return result
    }
  }

  /// `DARK_RED` becomes `darkRed`; safe as a static member.
  private static func constant(_ protoName: String) -> String {
    let name = member(loweringStart(of: joiningWords(of: protoName, isConstant: true)))
    return name == "protoName" ? name + "_p" : name
  }

  /// What follows the enum's name and underscores, or nil when that is no name.
  private static func removingPrefix(_ prefix: String, from value: String) -> String? {
    var rest = Substring(value)
    for letter in prefix where letter != "_" {
      while rest.first == "_" { rest.removeFirst() }
      guard let first = rest.first, first.lowercased() == letter.lowercased() else { return nil }
      rest.removeFirst()
    }
    // A name that only begins with the same letters is another word: `COLORFUL` of `Color`.
    guard rest.first == "_" || rest.first?.isUppercase == true && !isConstant(value) else {
      return nil
    }
    while rest.first == "_" { rest.removeFirst() }
    guard let first = rest.first, !first.isNumber else { return nil }
    return String(rest)
  }

  private static func isConstant(_ name: String) -> Bool { !name.contains(where: \.isLowercase) }

  /// Removes underscores and starts each word after one in upper case.
  private static func joiningWords(of name: String, isConstant: Bool = false) -> String {
    var words = name.split(separator: "_").map(String.init)
    if isConstant && Naming.isConstant(name) { words = words.map { $0.lowercased() } }
    guard let first = words.first else { return name }
    return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  /// Lowers the upper-case letters at the start, up to the start of a word: `HTTPGet`, `httpGet`.
  private static func loweringStart(of name: String) -> String {
    let letters = Array(name)
    var end = 0
    while end < letters.count, letters[end].isUppercase { end += 1 }
    if end > 1, end < letters.count, letters[end].isLowercase { end -= 1 }
    return String(letters[..<end]).lowercased() + String(letters[end...])
  }

  /// Makes a name of a property, function or case valid in Swift.
  private static func member(_ name: String) -> String {
    let name = startingWithLetter(name)
    if reservedMembers.contains(name) { return name + "_p" }
    return keywords.contains(name) ? "`\(name)`" : name
  }

  private static func startingWithLetter(_ name: String) -> String {
    guard let first = name.first, !first.isNumber, name != "_" else { return "_" + name + "_" }
    return name
  }

  /// Members that messages and enums have already, or that cannot be written as a member.
  private static let reservedMembers: Set<String> = [
    "unknownFields", "missingRequiredField", "debugDescription",
    "hashValue", "init", "self", "rawValue",
    "valueNames", "readsJSONNull",
  ]

  /// Types that Swift gives a meaning of their own, and the modules that are named in paths.
  private static let reservedTypes: Set<String> = [
    "Type", "Protocol", "Self", "Any", "Swift", "Amaru", "AmaruProtobuf", "AmaruCore",
  ]

  private static let keywords: Set<String> = [
    "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for",
    "func", "guard", "if", "import", "in", "inout", "internal", "is", "let", "nil", "operator",
    "precedencegroup", "private", "protocol", "public", "repeat", "rethrows", "return", "static",
    "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "var",
    "where", "while", "await",
  ]
}
