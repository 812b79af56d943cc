// SPDX-License-Identifier: Apache-2.0

import AmaruMessagePack
import Testing

@Suite struct CodableTests {
  struct User: Codable, Hashable {
    var name: String
    var age: Int?
    var tags: [String] = []
    var scores: [Double] = []
    var photo: [UInt8] = []
    var friends: [User] = []
    var byName: [String: User] = [:]
    var byNumber: [Int: User] = [:]
    var seen: MessagePackTimestamp?
    var extra: MessagePackValue?
    var small: Int8 = 0
    var ratio: Float = 0
    var flag = false
  }

  enum Shape: Codable, Hashable {
    case point
    case circle(radius: Double)
    case polygon([Int], name: String?)
  }

  enum Color: String, Codable, CaseIterable {
    case red, green
  }

  func roundTrip<Value: Codable & Equatable>(
    _ value: Value, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let bytes = try MessagePackEncoder().encode(value)
    let back = try MessagePackDecoder().decode(Value.self, from: bytes)
    #expect(back == value, sourceLocation: location)
    // What was written is well formed.
    #expect(throws: Never.self) { try MessagePackValue(messagePack: bytes) }
  }

  func failure<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) -> String {
    do {
      _ = try MessagePackDecoder().decode(type, from: bytes)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func aTypeWithKeysIsAMap() throws {
    struct Args: Codable, Equatable {
      var a: Int
      var b: Int
    }
    #expect(try MessagePackEncoder().encode(Args(a: 10, b: 20)) == hex("82a1610aa16214"))
    #expect(
      try MessagePackDecoder().decode(Args.self, from: hex("83a16214a178c0a1610a"))
        == Args(a: 10, b: 20))
  }

  @Test func manyShapesGoBothWays() throws {
    let ada = User(
      name: "Ada", age: 36, tags: ["x", "y"], scores: [1, .pi], photo: [1, 2, 255],
      seen: MessagePackTimestamp(seconds: 5, nanoseconds: 6),
      extra: .map([.init(.int(1), .array([.null, .float(2)]))]), small: -128, ratio: 0.5, flag: true)
    let bob = User(
      name: "Bob", friends: [ada, ada], byName: ["ada": ada], byNumber: [-7: ada, 1 << 40: ada])
    try roundTrip(ada)
    try roundTrip(bob)
    try roundTrip([bob, ada])
    try roundTrip(["k": [bob]])
    try roundTrip([Shape.point, .circle(radius: 2), .polygon([1, 2], name: nil), .polygon([], name: "n")])
    try roundTrip(Color.allCases)
    try roundTrip([Color.red: 1, .green: 2])
    try roundTrip([nil, 1, nil] as [Int?])
    try roundTrip([User?.none, ada])
    try roundTrip(User?.none)
    try roundTrip(7)
    try roundTrip("text")
    try roundTrip([[1.5], []])
    try roundTrip(Set([1, 2, 3]))
    try roundTrip(0..<5)
    try roundTrip([UInt8](0...255))
    try roundTrip(UInt64.max)
    try roundTrip(Float.pi)
  }

  @Test(arguments: [15, 16, 17, 65536])
  func containersOfAnyCountGetTheirHeader(_ count: Int) throws {
    struct Keys: Codable, Equatable {
      var values: [String: Int]
      struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
      }
      init(_ values: [String: Int]) { self.values = values }
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        values = [:]
        for key in container.allKeys {
          values[key.stringValue] = try container.decode(Int.self, forKey: key)
        }
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (key, value) in values { try container.encode(value, forKey: Key(stringValue: key)) }
      }
    }
    let pairs = (0..<count).map { ("\($0)", $0) }
    try roundTrip(Keys(Dictionary(uniqueKeysWithValues: pairs)))
    try roundTrip([Color](repeating: .red, count: count))
  }

  @Test func classesWriteTheirSuperclassUnderItsKey() throws {
    let bytes = try MessagePackEncoder().encode(Dog(legs: 4, name: "Rex"))
    #expect(bytes == hex("82a46e616d65a3526578a5737570657281a46c65677304"))
    let back = try MessagePackDecoder().decode(Dog.self, from: bytes)
    #expect(back.legs == 4)
    #expect(back.name == "Rex")
    #expect(failure(Dog.self, hex("81a46e616d65a0")) == "super: the key is missing, at byte 7")
    #expect(
      failure(Dog.self, hex("82a46e616d65a0a5737570657280"))
        == "super.legs: the key is missing, at byte 14")
  }

  class Animal: Codable {
    let legs: Int
    init(legs: Int) { self.legs = legs }
  }

  final class Dog: Animal {
    let name: String
    enum Keys: String, CodingKey { case name }
    init(legs: Int, name: String) {
      self.name = name
      super.init(legs: legs)
    }
    required init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Keys.self)
      name = try container.decode(String.self, forKey: .name)
      try super.init(from: try container.superDecoder())
    }
    override func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(name, forKey: .name)
      try super.encode(to: container.superEncoder())
    }
  }

  @Test func nestedContainersAreWrittenInAnyOrder() throws {
    struct Nested: Encodable {
      enum Keys: String, CodingKey { case a, b, c, d }
      func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Keys.self)
        var a = outer.nestedContainer(keyedBy: Keys.self, forKey: .a)
        try outer.encode([1], forKey: .b)
        var c = outer.nestedUnkeyedContainer(forKey: .c)
        try c.encode(3)
        try a.encode(1, forKey: .a)
        var inner = c.nestedContainer(keyedBy: Keys.self)
        for _ in 0..<16 { try c.encodeNil() }
        try inner.encode("x", forKey: .d)
        var deepest = c.nestedUnkeyedContainer()
        try deepest.encode(true)
        try a.encode(2, forKey: .b)
        #expect(c.count == 19)
        try outer.encodeNil(forKey: .d)
      }
    }
    let bytes = try MessagePackEncoder().encode(Nested())
    #expect(
      bytes
        == hex("84 a161 82a16101a16202 a162 9101 a163 dc0013 03 81a164a178")
        + filled(16, 0xc0) + hex("91c3 a164 c0"))
  }

  @Test func nestedContainersAreReadInAnyOrder() throws {
    struct Nested: Decodable {
      enum Keys: String, CodingKey { case a, b, c }
      init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Keys.self)
        var c = try outer.nestedUnkeyedContainer(forKey: .c)
        #expect(try c.decode(Int.self) == 3)
        let inner = try c.nestedContainer(keyedBy: Keys.self)
        #expect(try c.decodeNil())
        #expect(try !c.decodeNil())
        var deepest = try c.nestedUnkeyedContainer()
        #expect(try deepest.decode(Bool.self))
        #expect(deepest.isAtEnd && c.isAtEnd)
        #expect(try inner.decode(String.self, forKey: .a) == "x")
        #expect(throws: MessagePackError.self) { try c.decode(Int.self) }
        #expect(outer.contains(.a) && !outer.contains(.b))
        #expect(try outer.decodeNil(forKey: .a))
        #expect(outer.allKeys == [.a, .c])
      }
    }
    _ = try MessagePackDecoder().decode(
      Nested.self, from: hex("83a161c0a17801a163940381a161a178c091c3"))
  }

  @Test func errorsNameTheirPath() throws {
    struct Team: Codable { var users: [User] }
    let good = try MessagePackEncoder().encode(User(name: "A")).map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }.joined()
    func team(_ user: String) -> [UInt8] { hex("81a57573657273 94" + good + good + good + user) }
    #expect(failure(Team.self, team("80")).hasPrefix("users[3].name: the key is missing, at byte "))
    #expect(
      failure(Team.self, team("81a46e616d6505"))
        .hasPrefix("users[3].name: expected a string, found an integer, at byte "))
    #expect(failure(Team.self, hex("81a5757365727390")) == "no error")
    #expect(
      failure([String: Team].self, hex("81a16b81a57573657273c0"))
        == "k.users: expected an array, found nil, at byte 10")
    #expect(failure([Color].self, hex("92a3726564a162")).hasPrefix("[1]: Cannot initialize Color"))
    #expect(
      failure([[Shape]].self, hex("919181a6636972636c6580"))
        == "[0][0].circle.radius: the key is missing, at byte 11")
    #expect(
      failure([Int: Team].self, hex("8105 81a5757365727305"))
        == "5.users: expected an array, found an integer, at byte 9")
    #expect(failure(Team.self, hex("8101c0")) == "expected a string, found an integer, at byte 1")
    #expect(
      failure([Int: [Int8]].self, hex("810592 05 cc80")) == "5[1]: 128 does not fit into Int8, at byte 4")
  }

  @Test func limitsAndBrokenInputAreErrors() throws {
    var decoder = MessagePackDecoder()
    decoder.limits.maxDepth = 2
    let deep = MessagePackError(
      .depthLimitExceeded(limit: 2), offset: 2, path: [.index(0), .index(0)])
    #expect(throws: deep) { _ = try decoder.decode([[[Color]]].self, from: hex("919190")) }
    // What a type does not look at is held to the limits too.
    #expect(throws: MessagePackError(.depthLimitExceeded(limit: 2), offset: 2)) {
      _ = try decoder.decode(Blind.self, from: hex("919190"))
    }
    decoder.limits.maxCount = 1
    #expect(throws: MessagePackError(.countLimitExceeded(count: 2, limit: 1), offset: 0)) {
      _ = try decoder.decode([Color].self, from: hex("92a3726564a3726564"))
    }
    let bytes = try MessagePackEncoder().encode(
      User(name: "Ada", tags: ["t"], friends: [User(name: "B")], extra: .timestamp(.init(sinceEpoch: .zero))))
    for count in 0..<bytes.count {
      #expect(throws: MessagePackError.self) {
        _ = try MessagePackDecoder().decode(User.self, from: Array(bytes[..<count]))
      }
    }
    // Any byte may be wrong: nothing traps.
    for index in bytes.indices {
      for change: UInt8 in [0x01, 0x80, 0xff, 0xc1] {
        var broken = bytes
        broken[index] ^= change
        _ = try? MessagePackDecoder().decode(User.self, from: broken)
      }
    }
  }

  struct Blind: Decodable, Equatable {
    init(from decoder: any Decoder) throws {}
  }

  struct First: Decodable, Equatable {
    var value: Int
    init(from decoder: any Decoder) throws {
      var container = try decoder.unkeyedContainer()
      value = try container.decode(Int.self)
    }
  }

  @Test func whatATypeDoesNotLookAtIsPassedOver() throws {
    let decoder = MessagePackDecoder()
    #expect(try decoder.decode([Blind].self, from: hex("93 01 9101 81a16101")).count == 3)
    #expect(try decoder.decode([First].self, from: hex("92 920102 9103")).map(\.value) == [1, 3])
    #expect(try decoder.decode([String: First].self, from: hex("82 a161 920102 a162 9103")).count == 2)
    #expect(try decoder.decode(Blind.self, from: hex("9101")) == decoder.decode(from: [0xc0]))
    for bytes in ["c1", "91", "910102", "81a161", "a2ff", ""] {
      #expect(throws: MessagePackError.self) { try decoder.decode(Blind.self, from: hex(bytes)) }
    }
    #expect(throws: MessagePackError(.trailingBytes(1), offset: 2)) {
      try decoder.decode(First.self, from: hex("910102"))
    }
    #expect(throws: MessagePackError(.trailingBytes(1), offset: 3)) {
      try decoder.decode(First.self, from: hex("92010205"))
    }
  }

  @Test func userInfoReachesTheTypes() throws {
    struct Echo: Codable, Equatable {
      var text: String
      static let key = CodingUserInfoKey(rawValue: "echo")
      init(from decoder: any Decoder) throws {
        text = Self.key.flatMap { decoder.userInfo[$0] as? String } ?? "none"
      }
      func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.key.flatMap { encoder.userInfo[$0] as? String } ?? "none")
      }
    }
    let key = try #require(Echo.key)
    var decoder = MessagePackDecoder()
    decoder.userInfo[key] = "in"
    let echo = try decoder.decode(Echo.self, from: [0xc0])
    #expect(echo.text == "in")
    var encoder = MessagePackEncoder()
    encoder.userInfo[key] = "out"
    #expect(try encoder.encode(echo) == hex("a36f7574"))
  }

  @Test func typesThatReadThemselvesDoSoInsideOfOthers() throws {
    struct Call: Encodable {
      var args: Wrapped
    }
    struct Wrapped: Encodable, MessagePackEncodable {
      static func writeMessagePack(_ value: Wrapped, to writer: inout MessagePackWriter) {
        writer.bool(true)
      }
    }
    #expect(try MessagePackEncoder().encode(Call(args: Wrapped())) == hex("81a461726773c3"))
  }
}
