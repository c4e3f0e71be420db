import LibPQ
import TestSupport
import Testing

@testable import Feeds

/// Thirteen years of real days with the vendor's own adjusted close.
@Suite(.needsServer, .commonTimeLimit)
struct AdjustmentTests {
  /// Largest and smallest ratio of our adjusted close to the vendor's: one number when they adjust alike, since the vendor also
  /// knows what came after the file.
  private func spread(_ database: MarketDatabase, _ symbol: String, until: String = "infinity") async throws -> Double {
    try await database.connection.query(
      """
      SELECT max(c.close / b.adjusted_close) / min(c.close / b.adjusted_close) - 1
        FROM market.candles('\(symbol)', '1 day', until => '\(until)', adjusted => true) AS c
        JOIN market.bars AS b ON b.ts = c.bucket AND b.instrument_id = market.instrument_id('\(symbol)')
      """
    ).only()[0].double
  }

  @Test func adjustedClosesAreTheVendors() async throws {
    try await withDatabase { database in
      _ = try await FileImport(.bars).run(dayBars, on: database.connection)
      // Without the splits they are far apart.
      #expect(try await spread(database, "AAPL", until: "2012-08-09") > 2)
      _ = try await ActionImport().run(fixture("market/us_splits.csv"), on: database.connection)
      #expect(try await spread(database, "AAPL", until: "2012-08-09") < 1e-9)
      #expect(try await spread(database, "MSFT", until: "2003-02-19") < 1e-9)
      #expect(try await spread(database, "GOOG") < 1e-9)
      #expect(try await spread(database, "FB") < 1e-9)
      // AAPL's three dividends. The vendor divides by 1 + D/close of the ex-date, we multiply by 1 − D/close before.
      #expect(try await spread(database, "AAPL") > 0.01)
      let folder = try TemporaryFolder()
      let report = try await ActionImport().run(
        try folder.file("symbol,ex_date,amount\nAAPL,2012-08-09,2.65\nAAPL,2012-11-07,2.65\nAAPL,2013-02-07,2.65\n"),
        on: database.connection)
      #expect(report.added == 3)
      #expect(try await spread(database, "AAPL") < 0.0002)
    }
  }

  /// Days without data are the exchange's holidays of those years, and the days on which it stayed closed: the calendar has all
  /// of them.
  @Test func gapsOfADayFileAreTheHolidays() async throws {
    try await withDatabase { database in
      _ = try await FileImport(.bars).run(dayBars, on: database.connection)
      for symbol in ["IBM", "AAPL", "MSFT"] {
        #expect(try await database.int("SELECT count(*) FROM market.gaps('\(symbol)')") == 0)
      }
      try await database.connection.script("DELETE FROM market.holidays")
      let gaps = try await database.texts(
        "SELECT to_char(g.from_time AT TIME ZONE 'America/New_York', 'YYYY-MM-DD') FROM market.gaps('IBM') AS g")
      #expect(gaps.count == 123)
      #expect(
        gaps.filter { $0.hasPrefix("2001-09") } == [
          "2001-09-03", "2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14",
        ])
      #expect(["2004-06-11", "2007-01-02", "2012-10-29", "2012-10-30"].allSatisfy(gaps.contains))
    }
  }
}
