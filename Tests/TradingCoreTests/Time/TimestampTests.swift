import TestSupport
import Testing
import TradingCore

@Suite struct TimestampTests {
  @Test(arguments: [
    ("2000-01-01T00:00:00Z", 0, "2000-01-01T00:00:00Z"),
    ("2013-10-07T14:30:00.123456Z", 434_471_400_123_456, "2013-10-07T14:30:00.123456Z"),
    ("2013-10-07 14:30Z", 434_471_400_000_000, "2013-10-07T14:30:00Z"),
    ("2013-10-07 14:30:00+00", 434_471_400_000_000, "2013-10-07T14:30:00Z"),
    ("2013-10-07t09:30:00.5-05:00", 434_471_400_500_000, "2013-10-07T14:30:00.5Z"),
    ("2013-10-07T20:00:00.000010+0530", 434_471_400_000_010, "2013-10-07T14:30:00.00001Z"),
    ("1999-12-31T23:59:59.999999000Z", -1, "1999-12-31T23:59:59.999999Z"),
    ("2000-02-29T00:00:00z", 5_097_600_000_000, "2000-02-29T00:00:00Z"),
    ("0001-01-01T00:00:00Z", -63_082_281_600_000_000, "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999999Z", 252_455_615_999_999_999, "9999-12-31T23:59:59.999999Z"),
  ])
  func isoTextIsReadAndPrinted(text: String, microseconds: Int64, printed: String) throws {
    let time = try Timestamp(text)
    #expect(time.microseconds == microseconds)
    #expect(time.description == printed)
  }

  @Test(arguments: [
    "", "infinity", "-infinity", "2013-10-07", "2013-10-07T14:30:00", "2013-10-07T14Z", "2013-13-01T00:00Z",
    "2013-00-01T00:00Z", "2013-02-29T00:00Z", "1900-02-29T00:00Z", "2013-04-31T00:00Z", "2013-10-00T00:00Z",
    "2013-10-07T24:00:00Z", "2013-10-07T23:60:00Z", "2013-10-07T23:59:60Z", "2013-10-07T14:30:00.Z",
    "2013-10-07T14:30:00Z ", " 2013-10-07T14:30:00Z", "2013-10-07T14:30:00+16:00", "2013-10-07T14:30:00+1",
    "2013-10-07T14:30:00+00:", "13-10-07T14:30:00Z", "2013-10-07T14:30:00Z\0", "0000-01-01T00:00:00Z",
    "2013-1a-07T00:00Z", "10000-01-01T00:00:00Z",
  ])
  func textThatIsNoTimeIsRefused(text: String) {
    #expect(throws: TimestampError.self) { try Timestamp(text) }
    #expect((try? Timestamp(text)) == nil)
  }

  @Test func theReasonOfARefusalIsGiven() {
    func code(_ text: String) -> TimestampError.Code? {
      do throws(TimestampError) {
        _ = try Timestamp(text)
        return nil
      } catch { return error.code }
    }
    #expect(code("2013-10-07T14:30:00.1234567Z") == .inexact)
    #expect(code("0001-01-01T00:00:00+01:00") == .outOfRange)
    #expect(code("9999-12-31T23:59:59-00:01") == .outOfRange)
    #expect(code("yesterday") == .malformed)
  }

  @Test(arguments: [Int64.min, .max, -63_082_281_600_000_001, 252_455_616_000_000_000])
  func timesOutsideTheCalendarAndInfinitiesAreRefused(microseconds: Int64) {
    #expect(throws: TimestampError.self) { try Timestamp(microseconds: microseconds) }
    #expect(throws: TimestampError.self) { try Timestamp.latest.advanced(byMicroseconds: .max) }
    #expect(throws: TimestampError.self) { try Timestamp.latest.advanced(byMicroseconds: 1) }
    #expect(throws: TimestampError.self) { try Timestamp.earliest.advanced(byMicroseconds: .min) }
  }

  @Test func theCalendarMatchesCountingDaysOneByOne() throws {
    // 1896 to 2104: both kinds of century years, and leap years on both sides of the epoch.
    var year = 1896
    var month = 1
    var day = 1
    var time = try Timestamp("1896-01-01T12:34:56.7Z")
    while year < 2105 {
      func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
      let text = "\(year)-\(padded(month))-\(padded(day))T12:34:56.7Z"
      try #require(time.description == text)
      try #require(try Timestamp(text) == time)
      time = try time.advanced(byMicroseconds: 86_400_000_000)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      day += 1
      if day > [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] {
        day = 1
        month += 1
      }
      if month > 12 {
        month = 1
        year += 1
      }
    }
  }

  @Test func everyTimeReadsBackFromItsText() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<2000 {
      let range = Timestamp.earliest.microseconds...Timestamp.latest.microseconds
      let time = try Timestamp(microseconds: .random(in: range, using: &generator))
      #expect(try Timestamp(time.description) == time)
    }
  }
}
