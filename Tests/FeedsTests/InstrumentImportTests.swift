import LibPQ
import TestSupport
import Testing

@testable import Feeds

@Suite(.needsServer, .commonTimeLimit)
struct InstrumentImportTests {
  /// As brokers of the NSE deliver it, derivatives before what they are on.
  private static let master = #"""
    instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange,underlying
    111,1,RELIANCE25DEC1400CE,"RELIANCE",0,2025-12-30,1400,0.05,500,CE,NFO-OPT,NFO,RELIANCE
    112,1,RELIANCE25DECFUT,"RELIANCE",0,30-Dec-2025,0,0.05,500,FUT,NFO-FUT,NFO,RELIANCE
    113,1,NIFTY25DEC24500PE,"NIFTY",0,20251230,24500,0.05,75,PE,NFO-OPT,NFO,NSE:NIFTY 50
    256265,1,NIFTY 50,"NIFTY 50",0,,0,0,0,index,INDICES,NSE,
    738561,1,RELIANCE,"RELIANCE ""INDUSTRIES""",0,,0,0.05,1,EQ,NSE,NSE,
    1,1,NOWHERE,,0,,0,0.05,1,EQ,X,XYZ,
    2,1,HALF,,0,2025-13-01,0,0.05,1,FUT,X,NFO,
    too few
    """#

  @Test func aMasterIsLoadedOnceHoweverOftenItsFileIs() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let file = try folder.file(Self.master, "master.csv")
      let job = InstrumentImport(broker: "zerodha")
      let first = try await job.run(file, on: database.connection)
      #expect((first.rows, first.added, first.changed, first.known, first.rejected) == (8, 5, 0, 0, 3))
      let expected = [
        "NFO NIFTY25DEC24500PE option 2025-12-30 24500.00000000 put NIFTY 50 75.00000000 113",
        "NFO RELIANCE25DEC1400CE option 2025-12-30 1400.00000000 call RELIANCE 500.00000000 111",
        "NFO RELIANCE25DECFUT future 2025-12-30 RELIANCE 500.00000000 112", "NSE NIFTY 50 index 1.00000000 256265",
        "NSE RELIANCE equity 1.00000000 738561",
      ]
      let stored = """
        SELECT concat_ws(' ', e.code, i.symbol, i.kind, i.expires_on, i.strike, i.option_right, u.symbol, i.lot_size, a.alias)
          FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
          LEFT JOIN market.instruments AS u ON u.instrument_id = i.underlying_id
          LEFT JOIN market.instrument_aliases AS a ON a.instrument_id = i.instrument_id AND a.broker = 'zerodha'
         ORDER BY e.code COLLATE "C", i.symbol COLLATE "C"
        """
      #expect(try await database.texts(stored) == expected)
      #expect(
        try await database.texts("SELECT line || ' ' || reason FROM ops.import_rejects ORDER BY line") == [
          "7 unknown exchange XYZ", "8 expires_on is no date such as 2025-12-30", "9 1 fields where the header has 13",
        ])
      #expect(
        try await database.texts(
          "SELECT concat_ws(' ', kind, rows_read, rows_inserted, rows_rejected) FROM ops.imports")
          == ["instruments 8 5 3"])
      #expect(
        try await database.texts("SELECT name FROM market.instruments WHERE symbol = 'RELIANCE'") == [
          "RELIANCE \"INDUSTRIES\""
        ])
      let second = try await job.run(file, on: database.connection)
      #expect((second.added, second.changed, second.known, second.rejected) == (0, 0, 5, 3))
      #expect(try await database.texts(stored) == expected)
    }
  }

  @Test func onlyTheColumnsThatAreThereCount() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      // No exchange: US. A control character and a backslash are no harm.
      let report = try await InstrumentImport().run(
        try folder.file("Ticker,Name\nIBM,\"International\tBusiness \\ Machines\"\nMSFT,\n"), on: database.connection)
      #expect((report.added, report.rejected) == (2, 0))
      #expect(
        try await database.texts(
          "SELECT e.code || ' ' || i.symbol || ' ' || coalesce(i.name, '-') FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id) ORDER BY 1"
        ) == ["US IBM International Business \\ Machines", "US MSFT -"])
      let named = try await InstrumentImport(options: FileOptions(map: [.lotSize: "Packet"]), exchange: "crypto").run(
        try folder.file("symbol,kind,currency,Packet,tick_size\nBTC/USDT,crypto,USDT,1e-05,0.01\n"),
        on: database.connection)
      #expect(named.added == 1)
      #expect(
        try await database.texts("SELECT lot_size FROM market.instruments WHERE symbol = 'BTC/USDT'") == ["0.00001000"])
      #expect(throws: FeedError.self) { try InstrumentImport().check(try folder.file("name\nx\n", "bad.csv")) }
    }
  }

  /// More rows than one call takes, with underlyings in the last one.
  @Test func largeMastersAreLoadedInPieces() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      var text = "symbol,exchange,kind,expiry,strike,underlying\n"
      for strike in 1...21_000 { text += "ABC\(strike)CE,NFO,CE,2025-12-30,\(strike),ABC\n" }
      text += "ABC,NSE,EQ,,,\n"
      let report = try await InstrumentImport().run(try folder.file(text), on: database.connection)
      #expect((report.rows, report.added, report.rejected) == (21_001, 21_001, 0))
      #expect(
        try await database.int("SELECT count(*) FROM market.instruments WHERE underlying_id IS NOT NULL") == 21_000)
    }
  }

  @Test(arguments: [
    ("20251230", "2025-12-30"), ("30-Dec-2025", "2025-12-30"), ("30DEC2025", "2025-12-30"),
    ("01 jan 2026", "2026-01-01"),
    ("2025-12-30", "2025-12-30"), ("30-Foo-2025", "30-Foo-2025"), ("soon", "soon"),
  ])
  func datesAreReadAsExchangesWriteThem(_ written: String, _ iso: String) {
    #expect((VendorTime(written).isoDay ?? written) == iso)
  }

  @Test func dividendsAndSymbolChangesAreAnnouncedOnce() async throws {
    try await withDatabase { database in
      try await database.connection.script("SELECT market.add_instrument('FB'), market.add_instrument('AAPL')")
      let folder = try TemporaryFolder()
      let file = try folder.file(
        """
        symbol,ex_date,kind,numerator,denominator,amount,new_symbol
        AAPL,2012-08-09,dividend,,,2.65,
        AAPL,2014-06-09,split,7,1,,
        FB,2022-06-09,symbol_change,,,,META
        FB,2022-06-10,merger,,,,
        AAPL,2012-08-10,dividend,,,,
        AAPL,2015-06-09,bonus,1:1,,,
        AAPL,2016-06-09,bonus,1,2,,
        AAPL,2017-06-09,bonus,,,,
        """)
      let first = try await ActionImport().run(file, on: database.connection)
      #expect((first.rows, first.added, first.known, first.rejected.map(\.line)) == (8, 5, 0, [5, 6, 9]))
      let again = try await ActionImport().run(file, on: database.connection)
      #expect((again.added, again.known, again.rejected.count) == (0, 5, 3))
      #expect(
        try await database.texts(
          "SELECT concat_ws(' ', kind, ex_date, trim_scale(numerator), trim_scale(denominator), trim_scale(amount), old_symbol, new_symbol) FROM market.corporate_actions ORDER BY ex_date"
        ) == [
          "dividend 2012-08-09 2.65", "split 2014-06-09 7 1", "bonus 2015-06-09 2 1", "bonus 2016-06-09 3 2",
          "symbol_change 2022-06-09 FB META",
        ])
      #expect(try await database.texts("SELECT symbol FROM market.instruments ORDER BY 1") == ["AAPL", "META"])
      // A file of dividends needs no column for their kind.
      let plain = try await ActionImport().run(
        try folder.file("symbol,ex_date,amount\nAAPL,2012-11-07,2.65\nMETA,2024-02-21,0.5\n"), on: database.connection)
      #expect(plain.added == 2)
    }
  }
}
