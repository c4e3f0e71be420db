import Testing

@testable import TradingCore

@Suite struct ExchangeCalendarTests {
  private static let hour: Int64 = 3_600_000_000

  /// New York in 2024, with sessions from 09:30 to 16:00 on weekdays of March.
  private static func newYork(dayStarts: Int64 = 0) throws -> ExchangeCalendar {
    let offsets = try [
      ("2023-11-05T06:00:00Z", -5), ("2024-03-10T07:00:00Z", -4), ("2024-11-03T06:00:00Z", -5),
    ].map { (from: try Timestamp($0), ahead: Int64($1) * hour) }
    var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
    for day in 1...31 where ![2, 3, 9, 10, 16, 17, 23, 24, 29, 30, 31].contains(day) {
      let shift = day < 10 ? 5 : 4
      let date = "2024-03-\(day < 10 ? "0" : "")\(day)"
      sessions.append(
        (try Timestamp("\(date)T\(9 + shift):30:00Z"), try Timestamp("\(date)T\(16 + shift):00:00Z")))
    }
    return ExchangeCalendar(exchange: 1, dayStarts: dayStarts, sessions: sessions, offsets: offsets)
  }

  @Test(arguments: [
    ("2024-03-10T04:59:59Z", "2024-03-09T05:00:00Z", "2024-03-04T05:00:00Z"),
    ("2024-03-10T05:00:00Z", "2024-03-10T05:00:00Z", "2024-03-04T05:00:00Z"),
    ("2024-03-11T04:00:00Z", "2024-03-11T04:00:00Z", "2024-03-11T04:00:00Z"),
    ("2024-11-04T04:59:59Z", "2024-11-03T04:00:00Z", "2024-10-28T04:00:00Z"),
  ])
  func daysAndWeeksBeginAtLocalMidnight(_ time: String, _ day: String, _ week: String) throws {
    let calendar = try Self.newYork()
    #expect(try calendar.periodStart(at: Timestamp(time), isWeek: false) == Timestamp(day))
    #expect(try calendar.periodStart(at: Timestamp(time), isWeek: true) == Timestamp(week))
  }

  @Test func aDayMayBeginInTheEvening() throws {
    let calendar = try Self.newYork(dayStarts: -7 * Self.hour)
    let evening = try Timestamp("2024-03-11T21:00:00Z")
    #expect(calendar.periodStart(at: evening, isWeek: false) == evening)
    #expect(calendar.day(at: evening) == calendar.day(at: try evening.advanced(byMicroseconds: -1)) + 1)
  }

  @Test(arguments: [
    ("2024-03-08T14:30:00Z", 0), ("2024-03-08T14:29:01Z", 1), ("2024-03-08T21:00:00Z", 3_870),
    ("2024-03-28T20:00:00Z", nil),
  ])
  func minutesToTheNextOpening(_ time: String, _ minutes: Int?) throws {
    #expect(try Self.newYork().minutesToOpen(at: Timestamp(time)) == minutes)
  }

  @Test func tradingDaysEndWithTheirLastSession() throws {
    let calendar = try Self.newYork()
    let friday = try Timestamp("2024-03-08T21:00:00Z")
    #expect(calendar.nextDayEnd(after: try friday.advanced(byMicroseconds: -1)) == friday)
    #expect(try calendar.nextDayEnd(after: friday) == Timestamp("2024-03-11T20:00:00Z"))
    let sunday = calendar.day(at: try Timestamp("2024-03-10T12:00:00Z"))
    #expect(calendar.lastTradingDay(sunday) == sunday - 2)
    #expect(calendar.lastClosedDay(at: friday) == sunday - 2)
    #expect(ExchangeCalendar(exchange: 2).nextDayEnd(after: friday) == nil)
  }

  @Test func aLocalTimeThatComesTwiceIsTheSecond() throws {
    let calendar = try Self.newYork()
    let midnight = try calendar.local(Timestamp("2024-11-03T04:00:00Z"))
    #expect(try calendar.instant(local: midnight + Self.hour * 3 / 2) == Timestamp("2024-11-03T06:30:00Z"))
    let spring = try calendar.local(Timestamp("2024-03-10T05:00:00Z"))
    #expect(try calendar.instant(local: spring + Self.hour * 5 / 2) == Timestamp("2024-03-10T07:30:00Z"))
  }
}
