// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import Testing

struct DeadlineTests {
  @Test func aDeadlineAheadHasTimeLeftAndNoMoreThanWasGiven() {
    let deadline = Deadline.after(.seconds(1000))
    #expect(deadline.timeRemaining > .zero)
    #expect(deadline.timeRemaining <= .seconds(1000))
  }

  @Test(arguments: [Duration.zero, .seconds(-1), .nanoseconds(-1), .seconds(Int64.min)])
  func aDurationThatIsNotPositiveIsUpAtOnce(_ duration: Duration) {
    #expect(Deadline.after(duration).timeRemaining == .zero)
  }

  @Test func theLongestDurationIsHeldToTheLargestTime() {
    #expect(Deadline.after(.seconds(Int64.max)) == Deadline(nanoseconds: .max))
    #expect(Deadline(nanoseconds: .max).timeRemaining > .seconds(1_000_000_000))
  }

  @Test func deadlinesAreOrderedByTime() {
    #expect(Deadline(nanoseconds: 1) < Deadline(nanoseconds: 2))
    #expect(Deadline(nanoseconds: 5) == Deadline(nanoseconds: 5))
  }

  @Test func theInstantLiesOnTheStandardClock() {
    let before = ContinuousClock.now
    let deadline = Deadline.after(.seconds(10))
    let after = ContinuousClock.now
    // A deadline is whole nanoseconds, an instant is finer.
    #expect(deadline.instant >= before.advanced(by: .seconds(10) - .nanoseconds(2)))
    #expect(deadline.instant <= after.advanced(by: .seconds(10)))
  }

  private static let durations: [(Duration, UInt64)] = [
    (.seconds(1), 1_000_000_000), (.nanoseconds(1), 1), (.zero, 0),
    (.milliseconds(-1), 0), (.seconds(Int64.max), .max),
    (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
    (Duration(secondsComponent: 18_446_744_073, attosecondsComponent: 709_551_615_000_000_000), .max),
    (Duration(secondsComponent: 18_446_744_073, attosecondsComponent: 709_551_616_000_000_000), .max),
  ]

  @Test(arguments: durations)
  func durationsAreHeldBetweenZeroAndTheLargest(_ duration: Duration, _ expected: UInt64) {
    #expect(duration.clampedNanoseconds == expected)
  }
}
