/// A moment on the clock that a chart shows: seconds since 1970-01-01 00:00 of that clock, which has no time zone of its own.
package struct ChartTime: Sendable, Hashable, Comparable {
  package let seconds: Double

  package init(seconds: Double) { self.seconds = seconds }

  /// Midnight of a day.
  /// - Parameter days: since 1970-01-01.
  package init(day days: Int) { self.init(seconds: Double(days) * 86_400) }

  /// Midnight of a day of the Gregorian calendar; months beyond 12 belong to later years.
  package init(year: Int, month: Int, day: Int = 1) {
    let (carried, month) = ((month - 1).quotientAndRemainderDown(by: 12))
    let (year, place) = (year + carried, (month + 10) % 12)
    let shifted = year - (place >= 10 ? 1 : 0)
    let (era, yearOfEra) = shifted.quotientAndRemainderDown(by: 400)
    let dayOfYear = (153 * place + 2) / 5 + day - 1
    self.init(day: era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
  }

  package static func < (left: Self, right: Self) -> Bool { left.seconds < right.seconds }

  /// Days since 1970-01-01.
  package var day: Int { Int((min(max(seconds, -1e14), 1e14) / 86_400).rounded(.down)) }

  /// Monday is 0.
  var weekday: Int { (day + 3).quotientAndRemainderDown(by: 7).remainder }

  /// The day in the Gregorian calendar.
  package var date: (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = (day + 719_468).quotientAndRemainderDown(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let place = (5 * dayOfYear + 2) / 153
    let month = place < 10 ? place + 3 : place - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * place + 2) / 5 + 1)
  }

  private var secondOfDay: Int { Int((min(max(seconds, -1e14), 1e14) - Double(day) * 86_400).rounded(.down)) }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Jan to Dec.
  package static func name(ofMonth month: Int) -> String { months[month - 1] }

  /// As in `4 Mar 2005`.
  package var dayText: String { "\(date.day) \(Self.months[date.month - 1]) \(date.year)" }

  /// As in `09:30`, with seconds where there are any.
  package var clockText: String {
    let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
    let second = secondOfDay % 60
    return "\(two(secondOfDay / 3_600)):\(two(secondOfDay / 60 % 60))" + (second == 0 ? "" : ":\(two(second))")
  }

  /// As in `2005-03-04`.
  package var isoDay: String {
    let (year, month, day) = date
    let padded = { (number: Int, length: Int) in
      String(repeating: "0", count: max(length - "\(number)".utf8.count, 0)) + "\(number)"
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// As in `2005-03-04T09:30:00Z`, of a clock that shows UTC; whole seconds.
  package var isoText: String { "\(isoDay)T\(clockText)\(secondOfDay % 60 == 0 ? ":00" : "")Z" }

  /// The day, and the time of day unless that is midnight.
  package var text: String { secondOfDay == 0 ? dayText : "\(dayText) \(clockText)" }
}

extension Int {
  /// Divides as the calendar does: the remainder is never negative.
  fileprivate func quotientAndRemainderDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let remainder = (self % divisor + divisor) % divisor
    return ((self - remainder) / divisor, remainder)
  }
}
