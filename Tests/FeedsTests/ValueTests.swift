import TestSupport
import Testing
import TradingCore

@testable import Feeds

/// Gives `body` the text as a field, with the room behind it that fields have.
private func withField<T>(_ text: String, _ body: (Field) -> T) -> T {
  let bytes = Array(text.utf8) + [UInt8](repeating: 0x39, count: 16)
  return bytes.withUnsafeBufferPointer { body(Field(start: $0.baseAddress!, count: text.utf8.count)) }
}

@Suite struct DecimalTests {
  @Test(arguments: [
    "0", "1", "-1", "+1", "13.94", ".5", "5.", "-0.0", "1e3", "1E-3", "1.5e+10", "9007199254740993", "9007199254740992",
    "0.1", "123456789012345678901234567890", "0.000000000000000000000001", "2.2250738585072011e-308", "4.9e-324",
    "1.7976931348623157e308", "8.41e21", "9999999999999999999", "18446744073709551616", "100000000000000000000000",
    "3.141592653589793238462643383279", "0.30000000000000004", "1e23", "5e-324", "0e999",
  ])
  func readsExactlyWhatStrtodReads(text: String) throws {
    let expected = try #require(Double(text))
    #expect(withField(text) { $0.double }?.bitPattern == expected.bitPattern)
  }

  @Test(arguments: [
    "", "-", "+", ".", "e5", "1e", "1e+", "NaN", "nan", "inf", "-Infinity", "0x10", "1,000", "1 000", "12a", "--1",
    "1.2.3",
    "1e999", "$5", "٣",
  ])
  func refusesWhatIsNoFiniteDecimal(text: String) {
    #expect(withField(text) { $0.double } == nil)
  }

  @Test(arguments: seeds(2))
  func readsRandomDecimalsExactly(seed: UInt64) throws {
    var draws = Draws(seed: seed)
    for _ in 0..<50_000 {
      var text = draws.draw(4) == 0 ? "-" : ""
      for _ in 0...draws.draw(18) { text += String(draws.draw(10)) }
      if draws.draw(4) != 0 {
        text += "."
        for _ in 0...draws.draw(18) { text += String(draws.draw(10)) }
      }
      if draws.draw(8) == 0 { text += "e\(draws.draw(600) - 300)" }
      let expected = try #require(Double(text))
      let found = withField(text) { $0.double }
      if expected.isFinite {
        #expect(found?.bitPattern == expected.bitPattern, "\(text)")
      } else {
        #expect(found == nil, "\(text)")
      }
    }
  }
}

@Suite struct TimeTests {
  /// The instant that a text means where clocks follow a zone.
  private func instant(_ text: String, _ zone: String = "America/New_York") throws -> String? {
    var parser = TimeParser()
    guard let time = withField(text, { parser.parse($0) }) else { return nil }
    if let offset = time.offset {
      return try Timestamp(microseconds: time.wall - Int64(offset) * 1_000_000).description
    }
    var clock = LocalClock(try TimeZoneRules(named: zone))
    return try Timestamp(microseconds: clock.instant(ofWall: time.wall)).description
  }

  @Test(arguments: [
    ("2013-10-07T08:00:00.614Z", "2013-10-07T08:00:00.614Z"),
    ("2013-10-07t08:00:00z", "2013-10-07T08:00:00Z"),
    ("2013-10-07 08:00Z", "2013-10-07T08:00:00Z"),
    ("2013-10-07 08:00:00+00", "2013-10-07T08:00:00Z"),
    ("2013-10-07 08:00:00-04:00", "2013-10-07T12:00:00Z"),
    ("2013-10-07 08:00:00 -0400", "2013-10-07T12:00:00Z"),
    ("2013-10-07T08:00:00.5+0530", "2013-10-07T02:30:00.5Z"),
    ("2013-10-07T08:00:00.123456Z", "2013-10-07T08:00:00.123456Z"),
    ("2013-10-07T08:00:00.1234564999Z", "2013-10-07T08:00:00.123456Z"),
    ("2013-10-07T08:00:00.1234565Z", "2013-10-07T08:00:00.123457Z"),
    ("2013-10-07T23:59:59.9999999Z", "2013-10-08T00:00:00Z"),
    ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"),
    ("1999-12-31T23:59:59Z", "1999-12-31T23:59:59Z"),
    // Without zone: the exchange's.
    ("2013-10-07T08:00:00", "2013-10-07T12:00:00Z"),
    ("2013-01-07 08:00", "2013-01-07T13:00:00Z"),
    ("2013-10-07", "2013-10-07T04:00:00Z"),
    ("20131007", "2013-10-07T04:00:00Z"),
    ("2013/10/07", "2013-10-07T04:00:00Z"),
    ("2000-03-01", "2000-03-01T05:00:00Z"),
    // Since 1970: seconds, milliseconds, microseconds, nanoseconds.
    ("0", "1970-01-01T00:00:00Z"),
    ("1381132800", "2013-10-07T08:00:00Z"),
    ("1381132800.614", "2013-10-07T08:00:00.614Z"),
    ("1381132800614", "2013-10-07T08:00:00.614Z"),
    ("1381132800614001", "2013-10-07T08:00:00.614001Z"),
    ("1381132800614001499", "2013-10-07T08:00:00.614001Z"),
    ("1381132800614001500", "2013-10-07T08:00:00.614002Z"),
    ("-86400", "1969-12-31T00:00:00Z"),
    // Clocks skip 02:00 to 03:00 on 2013-03-10 and show 01:00 to 02:00 twice on 2013-11-03.
    ("2013-03-10 01:59:59", "2013-03-10T06:59:59Z"),
    ("2013-03-10 02:30:00", "2013-03-10T07:30:00Z"),
    ("2013-03-10 03:00:00", "2013-03-10T07:00:00Z"),
    ("2013-11-03 00:59:59", "2013-11-03T04:59:59Z"),
    ("2013-11-03 01:30:00", "2013-11-03T06:30:00Z"),
    ("2013-11-03 02:00:00", "2013-11-03T07:00:00Z"),
    // Long after the last change that the zone's table lists.
    ("2099-07-01 12:00", "2099-07-01T16:00:00Z"), ("2099-12-01 12:00", "2099-12-01T17:00:00Z"),
  ])
  func readsATime(text: String, expected: String) throws {
    #expect(try instant(text) == expected)
  }

  @Test(arguments: [
    "", "x", "2013-10-7", "2013-13-01", "2013-02-29", "1900-02-29", "2013-00-10", "2013-04-31", "0000-01-01",
    "2013-10-07T", "2013-10-07T24:00:00Z", "2013-10-07T08:60Z", "2013-10-07T08:00:60Z", "2013-10-07T08:00:00.Z",
    "2013-10-07T08:00:00EST", "2013-10-07T08:00:00+1", "2013-10-07T08:00:00+16", "2013-10-07T08:00:00+05:3",
    "2013-10-07T08:00:00ZZ", "10/07/2013", "20131301", "1.5.2013", "12345678901234567890",
    "99999999999999999999",
    "1381132800.", "1381132800x", "-", "2013-10-07X08:00:00Z",
  ])
  func refusesWhatIsNoTime(text: String) throws {
    #expect(try instant(text) == nil)
  }

  @Test(arguments: [
    ("2013-10-07", 5028, true), ("2013-10-07T00:00:00Z", 5028, true), ("2013-10-07 00:00:00-04:00", 5028, true),
    ("1381104000", 5028, true), ("2013-10-07T00:00:01Z", 5028, false),
  ])
  func midnightAsWrittenNamesADay(text: String, day: Int32, isDay: Bool) {
    var parser = TimeParser()
    #expect(withField(text) { parser.parse($0) }?.day == (isDay ? day : nil))
  }

  @Test(arguments: ["Nowhere/City", "", "../etc/passwd", "/etc/passwd", "America"])
  func refusesUnknownZones(name: String) {
    let error = #expect(throws: FeedError.self) { _ = try TimeZoneRules(named: name) }
    #expect(error?.code == .unknownTimeZone)
  }

  @Test(arguments: [
    ("EST5EDT,M3.2.0,M11.1.0", 1_373_000_000 as Int64, -14_400 as Int32),
    ("EST5EDT,M3.2.0,M11.1.0", 1_385_000_000, -18_000),
    ("IST-5:30", 0, 19_800), ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", 1_720_000_000, -7_200),
    // Southern summer spans the new year; 2024-01-01 and 2024-07-01.
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_704_067_200, 39_600), ("AEST-10AEDT,M10.1.0,M4.1.0/3", 1_719_792_000, 36_000),
    // Day 60 without and with leap days: 1 March in both.
    ("AAA0BBB,J60/0,J300/0", 1_709_251_200, 3_600), ("AAA0BBB,J60/0,J300/0", 1_709_251_199, 0),
    ("AAA0BBB,59/0,300/0", 1_709_164_800, 3_600), ("AAA0BBB,59/0,300/0", 1_709_164_799, 0),
  ])
  func readsPosixRules(rule: String, instant: Int64, offset: Int32) throws {
    #expect(try #require(PosixTimeZone(rule)).offset(at: instant) == offset)
  }

  @Test(arguments: [
    "", "5", "EST", "EST5EDT", "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0,", "<EST5",
  ])
  func refusesWhatIsNoPosixRule(rule: String) {
    #expect(PosixTimeZone(rule) == nil)
  }
}
