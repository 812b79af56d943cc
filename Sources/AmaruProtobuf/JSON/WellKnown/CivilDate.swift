// SPDX-License-Identifier: Apache-2.0

/// A date of the Gregorian calendar, extended to all years.
struct CivilDate: Hashable {
  let year: Int
  let month: Int
  let day: Int

  init(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// How many days a month has, which is in 1...12.
  static func days(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  // Years are counted from March here, so that the leap day is the last of its year: the months
  // then have 153 days in each five. A cycle of the calendar is 400 years, which are 146,097 days.

  /// The days since 1970-01-01; the year must not be negative.
  var days: Int {
    let shifted = month > 2 ? year : year - 1
    let cycle = (shifted + 400) / 400 - 1
    let yearOfCycle = shifted - cycle * 400
    let dayOfYear = ((month + 9) % 12 * 153 + 2) / 5 + day - 1
    let dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear
    return cycle * 146_097 + dayOfCycle - 719_468
  }

  /// The date so many days after 1970-01-01, not before 0000-03-01.
  init(days: Int) {
    let shifted = days + 719_468
    let (cycle, dayOfCycle) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfCycle =
      (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
  }
}
