/// The clock, the trading days and the sessions of an exchange for a while.
public struct ExchangeCalendar: Sendable {
  public let exchange: Int32
  /// Microseconds after local midnight at which a trading day begins, negative: before it.
  private let dayStarts: Int64
  /// In order; none: it never closes.
  private let sessions: [(opensAt: Timestamp, closesAt: Timestamp)]
  /// Microseconds that local time is ahead of UTC from a time on, in order. The first holds for all times before, too.
  private let offsets: [(from: Timestamp, ahead: Int64)]

  /// - Parameters:
  ///   - sessions: all from a day before to two weeks after the times that will be asked for.
  ///   - offsets: likewise.
  public init(
    exchange: Int32, dayStarts: Int64 = 0, sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = [],
    offsets: [(from: Timestamp, ahead: Int64)] = []
  ) {
    self.exchange = exchange
    self.dayStarts = dayStarts
    self.sessions = sessions
    self.offsets = offsets
  }

  /// Its clock and sessions as rules look at them.
  func hours(until end: Timestamp) -> SessionHours {
    SessionHours(exchange: exchange, until: end, sessions: sessions, offsets: offsets)
  }

  /// Microseconds of the local clock since its 2000-01-01.
  func local(_ time: Timestamp) -> Int64 { time.microseconds + ahead(at: time) }

  private func ahead(at time: Timestamp) -> Int64 {
    offsets.isEmpty ? 0 : offsets[max(offsets.prefixCount { $0.from <= time } - 1, 0)].ahead
  }

  /// When the local clock says this. Of a time that does not exist the one that the clock before the change would have
  /// reached, of one that comes twice the second, as in PostgreSQL.
  func instant(local: Int64) -> Timestamp {
    let before = ahead(at: .clamping(local - 86_400_000_000))
    let after = ahead(at: .clamping(local + 86_400_000_000))
    let byBefore = Timestamp.clamping(local - before)
    let byAfter = Timestamp.clamping(local - after)
    return ahead(at: byAfter) == after ? byAfter : byBefore
  }

  // MARK: Trading days

  /// Days since 2000-01-01.
  func day(at time: Timestamp) -> Int64 { Self.days(local(time) - dayStarts) }

  /// When a trading day begins.
  func start(ofDay day: Int64) -> Timestamp { instant(local: day * Timestamp.microsecondsPerDay + dayStarts) }

  /// When the trading day of a time began, or the Monday of its week.
  func periodStart(at time: Timestamp, isWeek: Bool) -> Timestamp {
    let day = day(at: time)
    // 2000-01-01 was a Saturday.
    return start(ofDay: isWeek ? day - (day + 5).modulo(7) : day)
  }

  /// When the trading day behind that of a time begins.
  func nextStart(after time: Timestamp) -> Timestamp { start(ofDay: day(at: time) + 1) }

  /// The local midnight behind a time.
  func nextMidnight(after time: Timestamp) -> Timestamp {
    instant(local: (Self.days(local(time)) + 1) * Timestamp.microsecondsPerDay)
  }

  static func days(_ microseconds: Int64) -> Int64 {
    (microseconds - microseconds.modulo(Timestamp.microsecondsPerDay)) / Timestamp.microsecondsPerDay
  }

  // MARK: Sessions

  /// Whole minutes until it opens: 0 in a session and where none is known, nil when it does not open within two weeks.
  func minutesToOpen(at time: Timestamp) -> Int? {
    if sessions.isEmpty { return 0 }
    let next = sessions.prefixCount { $0.closesAt <= time }
    guard next < sessions.count else { return nil }
    let opensAt = sessions[next].opensAt
    if Self.days(local(opensAt)) > Self.days(local(time)) + 14 { return nil }
    return Int(max((opensAt.microseconds - time.microseconds + 59_999_999) / 60_000_000, 0))
  }

  /// When a trading day's first session opens and its last one closes; nil on a day without trading.
  func hours(ofDay day: Int64) -> (opensAt: Timestamp, closesAt: Timestamp)? {
    let (begin, end) = (start(ofDay: day), start(ofDay: day + 1))
    var place = sessions.prefixCount { $0.closesAt <= begin }
    var hours: (opensAt: Timestamp, closesAt: Timestamp)?
    while place < sessions.count, sessions[place].opensAt < end {
      hours = (hours?.opensAt ?? max(sessions[place].opensAt, begin), min(sessions[place].closesAt, end))
      place += 1
    }
    return hours
  }

  /// The first close of a trading day after a time; nil when there is none within two weeks.
  func nextDayEnd(after time: Timestamp) -> Timestamp? {
    let today = day(at: time)
    for day in today...today + 14 {
      if let hours = hours(ofDay: day), hours.closesAt > time { return hours.closesAt }
    }
    return nil
  }

  /// Days of the calendar from a trading day to the next one; one when there is none within two weeks.
  func daysToNext(after day: Int64) -> Int64 {
    for next in day + 1...day + 15 where hours(ofDay: next) != nil { return next - day }
    return 1
  }

  /// The latest trading day whose last session is over; nil when there is none within two weeks.
  func lastClosedDay(at time: Timestamp) -> Int64? {
    let today = day(at: time)
    for day in (today - 14...today).reversed() {
      if let hours = hours(ofDay: day), hours.closesAt <= time { return day }
    }
    return nil
  }

  /// This day when there is trading on it, else the latest before within two weeks, else the day itself.
  func lastTradingDay(_ day: Int64) -> Int64 {
    for earlier in (day - 14...day).reversed() where hours(ofDay: earlier) != nil { return earlier }
    return day
  }
}
