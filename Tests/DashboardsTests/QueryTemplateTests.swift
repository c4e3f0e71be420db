import Charts
import Testing

@testable import Dashboards

struct QueryTemplateTests {
  static let span =
    ChartTime(year: 2012, month: 3, day: 1)...ChartTime(seconds: ChartTime(year: 2013, month: 3).seconds + 75_601)

  private func expanded(
    _ sql: String, _ values: [String: [String]] = [:], interval: Interval = Interval(span: 86_400 * 700, points: 100)
  )
    throws -> String
  {
    try QueryTemplate(values: values, span: Self.span, interval: interval).expanded(sql)
  }

  @Test(arguments: [
    ("SELECT 1", "SELECT 1"),
    ("WHERE $__timeFilter(time)", "WHERE time BETWEEN '2012-03-01T00:00:00Z' AND '2013-03-01T21:00:01Z'"),
    ("f($__timeFrom(), $__timeTo())", "f('2012-03-01T00:00:00Z', '2013-03-01T21:00:01Z')"),
    ("SELECT $__timeGroup(e.at, $__interval)", "SELECT floor(extract(epoch from e.at)/604800)*604800"),
    ("$__timeGroup(time,'5m')", "floor(extract(epoch from time)/300)*300"),
    ("'$__interval'::interval, $1, $$x$$", "'7d'::interval, $1, $$x$$"), ("", ""), ("$", "$"),
  ])
  func macrosBecomeWhatGrafanaMakesOfThem(sql: String, expanded: String) throws {
    #expect(try self.expanded(sql) == expanded)
  }

  @Test func variablesAreLiterals() throws {
    let values = ["portfolio": ["main", "O'Brien; --"], "none": [], "empty": [""]]
    #expect(try expanded("ARRAY[${portfolio:sqlstring}]", values) == "ARRAY['main','O''Brien; --']")
    #expect(try expanded("ARRAY[${none:sqlstring}]::text[]", values) == "ARRAY[]::text[]")
    #expect(try expanded("x = ${empty:sqlstring}", values) == "x = ''")
  }

  /// What a variable says is no part of the SQL, whatever it looks like.
  @Test func valuesAreNotExpandedAgain() throws {
    let values = ["a": ["$__timeFrom()", "${b:sqlstring}", "$__interval"], "b": ["x"]]
    #expect(try expanded("${a:sqlstring}", values) == "'$__timeFrom()','${b:sqlstring}','$__interval'")
  }

  @Test(arguments: [
    "${owner:sqlstring}", "${a}", "${a:csv}", "${a:sqlstring", "$__unknown(x)", "$__timeFilter()", "$__timeFilter(x",
    "$__timeGroup(time)", "$__timeGroup(time, fortnight)", "$__timeGroup(time, 5ms)",
  ])
  func whatCannotBeExpandedIsAnError(sql: String) {
    #expect(throws: DashboardError.self) { try expanded(sql, ["a": ["x"]]) }
  }

  /// Days, points, and what comes of them.
  private static let intervals: [(days: Double, points: Double, text: String, seconds: Double)] = [
    (0.0007, 600, "1s", 1), (0.042, 600, "5s", 5), (1, 600, "2m", 120), (30, 600, "1h", 3_600),
    (4_800, 600, "7d", 604_800), (4_800, 200, "30d", 2_592_000), (0, 600, "1s", 1), (36_500, 100, "365d", 31_536_000),
    (1, 0, "1d", 86_400),
  ]

  @Test(arguments: intervals)
  func intervalsAreThoseOfGrafana(days: Double, points: Double, text: String, seconds: Double) {
    let interval = Interval(span: days * 86_400, points: points)
    #expect(interval.text == text && interval.seconds == seconds)
  }

  @Test(arguments: ["", "d", "0d", "5", "-5m", "1.5h", "5 m", "5x"])
  func otherLengthsAreNone(text: String) { #expect(Interval.seconds(of: text) == nil) }

  // MARK: Spans

  private let now = 1_700_000_000.0
  private let month = 86_400.0 * 30

  private func chosen(
    from: Double? = nil, until: Double? = nil, data: (from: Double, until: Double)?
  ) throws -> [Double] {
    let span = try DashboardSpan.chosen(
      from: from.map(ChartTime.init), until: until.map(ChartTime.init), own: month, data: data, now: now)
    return [span.lowerBound.seconds, span.upperBound.seconds]
  }

  @Test func whatGoesOnIsShownUpToNow() throws {
    #expect(try chosen(data: (0, now - 5)) == [now - month, now])
    #expect(try chosen(data: nil) == [now - month, now])
    #expect(try chosen(from: 0, data: (0, now)) == [0, now])
    #expect(try chosen(until: 1_000_000_000, data: (0, now)) == [1_000_000_000 - month, 1_000_000_000])
  }

  @Test func whatHasEndedIsShownWhole() throws {
    let replay = (from: 946_857_600.25, until: 1_362_171_600.5)
    #expect(try chosen(data: replay) == [946_857_600, 1_362_171_601])
    #expect(try chosen(from: 1_300_000_000, data: replay) == [1_300_000_000, 1_362_171_601])
    #expect(try chosen(until: 1_300_000_000, data: replay) == [946_857_600, 1_300_000_000])
    #expect(try chosen(from: 1_500_000_000, data: replay) == [1_500_000_000, 1_500_000_000 + month])
    #expect(try chosen(data: (1_300_000_000, 1_300_000_000)) == [1_300_000_000 - month, 1_300_000_000])
    // A market of the future is no different.
    #expect(try chosen(data: (now + 1_000, now + 2_000)) == [now + 1_000, now + 2_000])
  }

  @Test func anEndIsBehindItsBeginning() {
    #expect(throws: DashboardError.self) { try chosen(from: 100, until: 100, data: nil) }
  }
}
