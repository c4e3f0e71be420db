/// A zone's rule for all years, in POSIX notation as RFC 8536 extends it: `EST5EDT,M3.2.0,M11.1.0`, `IST-5:30`,
/// `<-03>3<-02>,M3.5.0/-2,M10.5.0/-1`.
struct PosixTimeZone: Equatable {
  private struct Change: Equatable {
    enum Day: Equatable {
      /// 1 to 365, without 29 February.
      case julian(Int64)
      /// 0 to 365.
      case ofYear(Int64)
      /// Of a month: weekday (0 is Sunday) of a week, 5 being the last.
      case weekday(month: Int64, week: Int64, weekday: Int64)
    }
    var day: Day
    /// Seconds after local midnight.
    var time: Int64
  }

  private var standard: Int32
  /// Offset in summer, and when it begins and ends.
  private var summer: Int32?
  private var start = Change(day: .ofYear(0), time: 0)
  private var end = Change(day: .ofYear(0), time: 0)

  /// Nil when the text is no such rule.
  init?(_ text: String) {
    var scanner = Scanner(rest: Substring(text).utf8)
    guard scanner.skipName(), let west = scanner.duration() else { return nil }
    standard = Int32(-west)
    if scanner.rest.isEmpty { return }
    guard scanner.skipName() else { return nil }
    var offset = standard + 3600
    if scanner.rest.first != UInt8(ascii: ",") {
      guard let west = scanner.duration() else { return nil }
      offset = Int32(-west)
    }
    guard scanner.skip(","), let start = scanner.change(), scanner.skip(","), let end = scanner.change(),
      scanner.rest.isEmpty
    else { return nil }
    summer = offset
    self.start = start
    self.end = end
  }

  /// - Parameter instant: seconds since 1970-01-01 00:00 UTC.
  func offset(at instant: Int64) -> Int32 {
    guard let summer else { return standard }
    let year = Self.year(ofDay: (instant + Int64(standard)).quotientAndRemainder(flooredBy: 86_400).0)
    let begins = Self.wall(start, year) - Int64(standard)
    let ends = Self.wall(end, year) - Int64(summer)
    let isSummer = begins < ends ? instant >= begins && instant < ends : instant >= begins || instant < ends
    return isSummer ? summer : standard
  }

  // MARK: Calendar

  /// Seconds from 1970-01-01 00:00 to the local time of a change.
  private static func wall(_ change: Change, _ year: Int64) -> Int64 {
    let january = newYear(year)
    let isLeap = newYear(year + 1) - january == 366
    let day: Int64
    switch change.day {
    case .julian(let number): day = january + number - 1 + (isLeap && number >= 60 ? 1 : 0)
    case .ofYear(let number): day = january + number
    case .weekday(let month, let week, let weekday):
      let firstOfMonth = january + monthStart(month, isLeap)
      let nextMonth = january + (month == 12 ? (isLeap ? 366 : 365) : monthStart(month + 1, isLeap))
      // 1970-01-01 was a Thursday.
      let weekdayOfFirst = (firstOfMonth + 4).quotientAndRemainder(flooredBy: 7).1
      var found = firstOfMonth + (weekday - weekdayOfFirst + 7) % 7 + (week - 1) * 7
      while found >= nextMonth { found -= 7 }
      day = found
    }
    return day * 86_400 + change.time
  }

  /// Days from 1970-01-01 to the first day of a year.
  private static func newYear(_ year: Int64) -> Int64 {
    let before = year - 1
    func floor(_ divisor: Int64) -> Int64 { before.quotientAndRemainder(flooredBy: divisor).0 }
    return 365 * before + floor(4) - floor(100) + floor(400) - 719_162
  }

  private static func monthStart(_ month: Int64, _ isLeap: Bool) -> Int64 {
    let starts: [Int64] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
    return starts[Int(month) - 1] + (isLeap && month > 2 ? 1 : 0)
  }

  private static func year(ofDay day: Int64) -> Int64 {
    var year = 1970 + (day * 400).quotientAndRemainder(flooredBy: 146_097).0
    while newYear(year) > day { year -= 1 }
    while newYear(year + 1) <= day { year += 1 }
    return year
  }

  // MARK: Reading

  private struct Scanner {
    var rest: Substring.UTF8View

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    /// `EST` or `<+0330>`.
    mutating func skipName() -> Bool {
      let before = rest.count
      if skip("<") {
        rest = rest.drop { $0 != UInt8(ascii: ">") }
        return skip(">")
      }
      rest = rest.drop { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
      return before - rest.count >= 3
    }

    mutating func number() -> Int64? {
      let digits = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
      guard !digits.isEmpty, digits.count <= 4 else { return nil }
      rest = rest.dropFirst(digits.count)
      return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Seconds of `[+-]h[h][h][:mm[:ss]]`.
    mutating func duration() -> Int64? {
      let isNegative = skip("-")
      if !isNegative { _ = skip("+") }
      guard var seconds = number().map({ $0 * 3600 }) else { return nil }
      for unit in [60, 1] as [Int64] where skip(":") {
        guard let value = number() else { return nil }
        seconds += value * unit
      }
      return isNegative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      let day: Change.Day
      if skip("M") {
        guard let month = number(), skip("."), let week = number(), skip("."), let weekday = number(),
          (1...12).contains(month), (1...5).contains(week), (0...6).contains(weekday)
        else { return nil }
        day = .weekday(month: month, week: week, weekday: weekday)
      } else if skip("J") {
        guard let value = number(), (1...365).contains(value) else { return nil }
        day = .julian(value)
      } else {
        guard let value = number(), value <= 365 else { return nil }
        day = .ofYear(value)
      }
      if skip("/") {
        guard let time = duration() else { return nil }
        return Change(day: day, time: time)
      }
      return Change(day: day, time: 7200)
    }
  }
}
