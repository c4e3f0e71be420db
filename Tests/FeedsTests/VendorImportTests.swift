import EngineStore
import LibPQ
import TestSupport
import Testing

@testable import Feeds

@Suite(.needsServer, .commonTimeLimit)
struct VendorImportTests {
  @Test func exchangesStandInTheSymbolAndVendorsWithTheBars() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let ticks = try folder.file(
        "ts,symbol,price,size\n2024-01-02 09:15:00,NFO:NIFTY24JANFUT,21700.5,50\n2024-01-02 09:15:00,US:IBM,160,1\n",
        "ticks.csv")
      let first = try await FileImport(.ticks, isComplete: true).run(ticks, on: database.connection)
      #expect((first.inserted, first.rejected) == (2, 0))
      let shown = try await database.texts(
        """
        SELECT e.code || ' ' || i.symbol || ' ' || to_char(t.ts AT TIME ZONE 'UTC', 'HH24:MI') || ' ' || c.is_complete
          FROM market.ticks AS t JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
          JOIN market.tick_coverage AS c ON c.instrument_id = i.instrument_id AND c.day = '2024-01-02' ORDER BY 1
        """)
      #expect(shown == ["NFO NIFTY24JANFUT 03:45 true", "US IBM 14:15 true"])
      let bars = try folder.file("date,symbol,open,high,low,close,volume\n2024-01-03,NSE:INFY,1,1,1,1,1\n", "bars.csv")
      _ = try await FileImport(.bars, vendor: "acme").run(bars, on: database.connection)
      #expect(try await database.texts("SELECT source FROM market.candles('NSE:INFY', '1 day')") == ["acme"])
      let unknown = try folder.file(
        "date,symbol,open,high,low,close,volume\n2024-01-03,XYZ:INFY,1,1,1,1,1\n", "unknown.csv")
      let error = await #expect(throws: FeedError.self) {
        _ = try await FileImport(.bars).run(unknown, on: database.connection)
      }
      #expect(error?.code == .unknownSymbol)
    }
  }

  @Test func monthsAndWeeksAreStoredAsTheyAre() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let header = "Date,Open,High,Low,Close,Adj Close,Volume\n"
      let weeks = try folder.file(
        header + "2021-02-15,47,48,41,43,43,7\n2021-02-22,44,45,35,39,39,7\n2021-03-01,40,44,28,33,33,7\n", "weeks.csv")
      let months = try folder.file(header + "2024-01-01,10,12,9,11,11,5\n2024-02-01,11,12,9,11,11,6\n", "months.csv")
      #expect(
        try await FileImport(.bars, options: FileOptions(symbol: "W")).run(weeks, on: database.connection).resolution
          == "7 days")
      #expect(
        try await FileImport(.bars, options: FileOptions(symbol: "M")).run(months, on: database.connection).resolution
          == "1 month")
      #expect(try await database.int("SELECT count(*) FROM market.candles('W', '1 day')") == 0)
      #expect(try await database.int("SELECT count(*) FROM market.candles('W', '1 week')") == 3)
      #expect(try await database.texts("SELECT volume FROM market.candles('M', '1 month')") == ["5", "6"])
    }
  }

  /// As a broker delivers it: no column for what a contract is on, zeros for an index, and another name for it.
  @Test func contractsFindAnIndexThatGoesByAnotherName() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(
        """
        instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange
        3,51714,NIFTY26DECFUT,NIFTY,0.0,2026-12-29,0.0,0.1,65,FUT,NFO-FUT,NFO
        4,51715,NIFTY26DEC26000CE,NIFTY,0.0,2026-12-29,26000.0,0.05,65,CE,NFO-OPT,NFO
        5,51716,BANKNIFTY26DECFUT,BANKNIFTY,0.0,2026-12-29,0.0,0.2,35,FUT,NFO-FUT,NFO
        6,51717,INFY26DECFUT,INFY,0.0,2026-12-29,0.0,0.1,400,FUT,NFO-FUT,NFO
        1,1001,NIFTY 50,NIFTY 50,0.0,,0.0,0.0,0,EQ,INDICES,NSE
        2,1594,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE
        7,449434,CRUDEOIL26DECFUT,CRUDEOIL,0.0,2026-12-18,0.0,1.0,1,FUT,MCX-FUT,MCX
        8,1595,NOSTEP,NO STEP,0.0,,0.0,0.0,1,EQ,NSE,NSE
        """, "instruments.csv")
      let report = try await InstrumentImport(broker: "zerodha").run(path, on: database.connection)
      #expect((report.added, report.rejected, report.firstReject?.line) == (7, 1, 9))
      #expect(
        try await database.texts(
          """
          SELECT concat_ws(' ', i.symbol, i.kind, u.symbol) FROM market.instruments AS i
            LEFT JOIN market.instruments AS u ON u.instrument_id = i.underlying_id ORDER BY 1
          """) == [
            "BANKNIFTY26DECFUT future", "CRUDEOIL26DECFUT future", "INFY equity", "INFY26DECFUT future INFY",
            "NIFTY 50 index",
            "NIFTY26DEC26000CE option NIFTY 50", "NIFTY26DECFUT future NIFTY 50",
          ])
    }
  }

  @Test func ratiosOfSplitsAreRead() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      try await database.connection.query("SELECT market.add_instrument('DBL'), market.add_instrument('INFY', 'NSE')")
      let path = try folder.file(
        "Date,symbol,kind,ratio,amount\n10-JUN-2024,DBL,split,10:1,\n2024/03/05,DBL,dividend,,0.04\n2024-07-01,NSE:INFY,split,2 for 1,\n01/02/2024,DBL,split,2:1,\n",
        "actions.csv")
      let report = try await ActionImport().run(path, on: database.connection)
      #expect(report.added == 3)
      #expect(report.rejected.map(\.line) == [5])
      #expect(
        try await database.texts(
          "SELECT concat_ws(' ', i.symbol, a.ex_date, trim_scale(a.numerator), trim_scale(a.denominator), trim_scale(a.amount)) FROM market.corporate_actions AS a JOIN market.instruments AS i USING (instrument_id) ORDER BY 1"
        ) == ["DBL 2024-03-05 0.04", "DBL 2024-06-10 10 1", "INFY 2024-07-01 2 1"])
    }
  }
}
