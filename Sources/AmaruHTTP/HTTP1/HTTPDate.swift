// SPDX-License-Identifier: Apache-2.0

/// The `Date` field of responses (RFC 9110 6.6.1), made anew when the second changes. Confined to one loop.
package final class HTTPDate {
  private let unixSeconds: () -> Int
  private var seconds: Int?
  private var text = ""

  /// A date by the clock `unixSeconds`, which gives seconds since 1970.
  package init(_ unixSeconds: @escaping () -> Int) { self.unixSeconds = unixSeconds }

  /// The present date, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
  package var value: String {
    let now = unixSeconds()
    if now != seconds {
      seconds = now
      text = Self.text(now)
    }
    return text
  }

  /// The date `seconds` after 1970 as RFC 9110 5.6.7 writes it; 1970 for what is before it.
  static func text(_ seconds: Int) -> String {
    let seconds = max(0, seconds)
    let days = seconds / 86_400
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days % 7]
    // Days are counted from 1 March of the year 0, in eras of 400 years; the leap day then ends a year.
    let shifted = days + 719_468
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = [
      "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb",
    ][monthFromMarch]
    let year = yearOfEra + shifted / 146_097 * 400 + (monthFromMarch >= 10 ? 1 : 0)
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(two)
    return "\(weekday), \(two(day)) \(month) \(year) \(time.joined(separator: ":")) GMT"
  }
}
