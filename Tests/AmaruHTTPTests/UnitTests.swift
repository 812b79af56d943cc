// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import AmaruHTTP

struct AbuseBudgetTests {
  @Test func theWholeBudgetMayBeSpentAndNoMore() {
    var budget = AbuseBudget(3, refillNanoseconds: 10, now: 0)
    let spent = (0..<4).map { _ in budget.spend(now: 0) }
    #expect(spent == [true, true, true, false])
  }

  @Test func aUnitComesBackWithTimeAndFractionsAreNotLost() {
    var budget = AbuseBudget(1, refillNanoseconds: 10, now: 0)
    let spent = [0, 9, 10, 15, 19, 20, 29].map { budget.spend(now: UInt64($0)) }
    #expect(spent == [true, false, true, false, false, true, false])
  }

  @Test func theBudgetNeverGrowsBeyondItsWhole() {
    var budget = AbuseBudget(2, refillNanoseconds: 1, now: 0)
    for _ in 0..<10 { budget.earn() }
    let spent = (0..<3).map { _ in budget.spend(now: 1_000_000) }
    #expect(spent == [true, true, false])
  }

  @Test func aUnitIsEarned() {
    var budget = AbuseBudget(1, refillNanoseconds: 1 << 40, now: 0)
    let before = [budget.spend(now: 0), budget.spend(now: 0)]
    budget.earn()
    let after = budget.spend(now: 0)
    #expect(before == [true, false])
    #expect(after)
  }

  @Test(arguments: [(0, 0), (1, 0), (0, .max), (.max, 1)] as [(Int, UInt64)])
  func extremesDoNotTrap(_ whole: Int, _ refill: UInt64) {
    var budget = AbuseBudget(whole, refillNanoseconds: refill, now: 5)
    let spent = budget.spend(now: 3)
    #expect(spent == (whole > 0))
    _ = budget.spend(now: .max)
  }
}

struct ByteQueueTests {
  @Test func whatGoesInComesOutInOrderWhateverTheSteps() {
    var random = SystemRandomNumberGenerator()
    var queue = ByteQueue()
    var model: [UInt8] = []
    var next: UInt8 = 0
    for _ in 0..<20_000 {
      if Bool.random(using: &random) {
        let count = Int.random(in: 0...(Bool.random() ? 40 : 3000), using: &random)
        let bytes = (0..<count).map { _ in
          next &+= 1
          return next
        }
        bytes.withUnsafeBytes { queue.append($0) }
        model += bytes
      } else {
        let count = Int.random(in: 0...model.count, using: &random)
        let taken = [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, used in
          queue.take(count, to: UnsafeMutableRawPointer(buffer.baseAddress!))
          used = count
        }
        #expect(taken == Array(model[..<count]))
        model.removeFirst(count)
      }
      #expect(queue.count == model.count)
    }
  }

  @Test func moreThanIsThereIsNotTaken() {
    var queue = ByteQueue()
    [1, 2].withUnsafeBytes { queue.append(UnsafeRawBufferPointer(rebasing: $0[..<2])) }
    var target: [UInt8] = [9, 9, 9]
    target.withUnsafeMutableBytes { queue.take(3, to: $0.baseAddress!) }
    #expect(target == [9, 9, 9])
    #expect(queue.count == 2)
    queue.removeAll()
    #expect(queue.count == 0)
  }
}

struct HTTPFieldsTests {
  @Test func fieldsKeepTheirOrderRepeatsAndBytes() {
    let fields: [Field] = ["a: 1", "b: ", "a: 2", Field("", "x"), Field("long", String(repeating: "é", count: 999))]
    let list = fieldList(fields)
    #expect(list.list == fields)
    #expect(list.count == 5)
    #expect(list.value("a") == "1")
    #expect(list.value("b") == "")
    #expect(list.value("c") == nil)
  }

  @Test func theSizeIsCountedAsHTTPDoes() {
    #expect(HTTPFields().listSize == 0)
    #expect(fieldList(["ab: cde"]).listSize == 37)
    #expect(fieldList(["ab: cde", "f: "]).listSize == 37 + 33)
  }

  @Test func listsAreEqualWhenTheirFieldsAre() {
    #expect(fieldList(["a: b", "c: d"]) == fieldList(["a: b", "c: d"]))
    #expect(fieldList(["a: b", "c: d"]) != fieldList(["c: d", "a: b"]))
    #expect(fieldList([Field("ab", "c")]) != fieldList([Field("a", "bc")]))
  }

  @Test func aNameTooLongForTheLayoutIsLeftOut() {
    let list = fieldList([Field(String(repeating: "n", count: 65_536), "v"), "a: b"])
    #expect(list.list == ["a: b"])
    #expect(fieldList([Field(String(repeating: "n", count: 65_535), "v")]).count == 1)
  }

  @Test func badUTF8IsRepaired() {
    var list = HTTPFields()
    [UInt8]([0x6e]).withUnsafeBytes { name in
      [UInt8]([0xff, 0x41]).withUnsafeBytes { list.add(name, $0) }
    }
    #expect(list.value("n") == "\u{fffd}A")
  }
}
