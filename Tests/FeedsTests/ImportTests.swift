import EngineStore
import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import Feeds

let dayBars = fixture("market/us_daily_2000_2013.csv.gz")
private let barHeader = "date,symbol,open,high,low,close,volume,adj close\n"

@Suite(.needsServer, .commonTimeLimit)
struct ImportTests {
  @Test func barsAreLoadedOnceHoweverOftenTheirFileIs() async throws {
    try await withDatabase { database in
      let job = FileImport(.bars)
      let first = try await job.run(dayBars, on: database.connection)
      #expect((first.rows, first.inserted, first.known, first.differing, first.rejected) == (12_154, 12_154, 0, 0, 0))
      #expect((first.symbols, first.resolution) == (5, "1 day"))
      let before = try await database.fingerprint()
      #expect(before.count == 12_154 + 5)
      let second = try await job.run(dayBars, on: database.connection)
      #expect(
        (second.rows, second.inserted, second.known, second.differing, second.rejected) == (12_154, 0, 12_154, 0, 0))
      expectEqual(try await database.fingerprint(), before)
      // The start of a day bar is what PostgreSQL takes for local midnight.
      #expect(
        try await database.int(
          "SELECT count(*) FROM market.bars WHERE (ts AT TIME ZONE 'America/New_York')::time <> '00:00' OR resolution <> '1 day'"
        ) == 0)
      #expect(
        try await database.texts(
          """
          SELECT concat_ws(' ', b.open, b.high, b.low, b.close, b.volume, b.adjusted_close)
            FROM market.bars AS b JOIN market.instruments AS i USING (instrument_id)
           WHERE i.symbol = 'AAPL' AND b.ts = '2000-03-01'::timestamp AT TIME ZONE 'America/New_York'
          """) == ["118.56 132.06 118.5 130.31 9616100 4.186662803811"])
      #expect(
        try await database.texts(
          "SELECT concat_ws(' ', kind, rows_read, rows_inserted, rows_rejected, finished_at IS NOT NULL) FROM ops.imports ORDER BY import_id"
        )
          == ["bars 12154 12154 0 t", "bars 12154 0 0 t"])
      #expect(try await database.int("SELECT count(*) FROM market.quotes") == 0)
    }
  }

  @Test(.needsRealFiles)
  func realTicksAreLoadedOnceHoweverOftenTheirFilesAre() async throws {
    try await withDatabase { database in
      let job = FileImport(.ticks)
      for (file, count) in [(RealFile.ticksOfMonday, 137_816), (.ticksOfTuesday, 202_595)] {
        let first = try await job.run(file.path, on: database.connection)
        #expect((first.rows, first.inserted, first.known, first.rejected) == (count, count, 0, 0))
        let again = try await job.run(file.path, on: database.connection)
        #expect((again.inserted, again.known, again.differing) == (0, count, 0))
      }
      #expect(try await database.int("SELECT count(*) FROM market.ticks") == 340_411)
      if !TestServer.isTimescale {
        #expect(try await database.int("SELECT count(*) FROM market.ticks_default") == 0)
        #expect(try await database.int("SELECT count(*) FROM market.ticks_20131007") == 137_816)
      }
      // Numbers are gapless, in the order of the tape.
      #expect(
        try await database.int(
          "SELECT count(*) FROM (SELECT max(seq) + 1 - count(*) AS gap FROM market.ticks GROUP BY instrument_id, ts) AS g WHERE gap <> 0"
        ) == 0)
      #expect(
        try await database.texts(
          """
          SELECT concat_ws(' ', t.price, t.size, t.venue, t.sale_condition, t.suspicious)
            FROM market.ticks AS t JOIN market.instruments AS i USING (instrument_id)
           WHERE i.symbol = 'BAC' ORDER BY t.ts, t.seq LIMIT 1
          """) == ["13.94 500 P 20002020 f"])
    }
  }

  @Test(.needsRealFiles)
  func minuteBarsOfAnotherExchange() async throws {
    try await withDatabase { database in
      let report = try await FileImport(.bars, exchange: "nse").run(RealFile.minuteBars.path, on: database.connection)
      #expect((report.inserted, report.resolution) == (1_130, "1 minute"))
      #expect(
        try await database.texts(
          "SELECT e.code || ' ' || i.currency FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)"
        ) == ["NSE INR"])
    }
  }

  @Test func aTickIsStoredAsTheFeedReadsIt() async throws {
    try await withDatabase { database in
      let path = fixture("market/synthetic_ticks.csv")
      let report = try await FileImport(.ticks).run(path, on: database.connection)
      #expect((report.rows, report.inserted, report.symbols) == (400, 400, 3))
      var listings: [String: Listing] = [:]
      for row in try await database.connection.query("SELECT symbol, instrument_id FROM market.instruments") {
        listings[try row[0].string] = Listing(instrument: try row[1].int32, timeZone: "UTC")
      }
      let batch = try #require(try TickFileFeed(path, instruments: listings).read(upTo: 1_000))
      let fed = batch.ticks.indices.map { index in
        let tick = batch.ticks[index]
        return
          "\(tick.instrument) \(tick.time.microseconds) \(tick.sequence) \(tick.price) \(tick.size) \(batch.venue(index) ?? "-") \(batch.saleCondition(index) ?? "-") \(batch.isSuspicious[index])"
      }
      let stored = try await database.connection.query(
        "SELECT instrument_id, ts, seq, price, size, venue, sale_condition, suspicious FROM market.ticks",
        format: .binary
      ).map { row in
        let (venue, condition) = (try row[5].ifPresent?.string ?? "-", try row[6].ifPresent?.string ?? "-")
        return
          "\(try row[0].int32) \(try row[1].timestamp) \(try row[2].int64) \(try row[3].double) \(try row[4].double) \(venue) \(condition) \(try row[7].bool)"
      }
      #expect(stored.sorted() == fed.sorted())
      // The feed's own COPY into the table itself.
      try await database.connection.query("TRUNCATE market.ticks")
      var writer = CopyWriter(columnCount: TickBatch.columnCount)
      batch.write(to: &writer)
      let copy = try await database.connection.copyIn(
        "COPY market.ticks (\(TickBatch.columns)) FROM STDIN (FORMAT binary)")
      try await copy.send(&writer)
      #expect(try await copy.finish() == 400)
    }
  }

  @Test func overlappingFilesMakeOneTape() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let lines = syntheticTape(count: 2_000, seed: 9).split(separator: "\n")
      // Files are cut between two times: numbers begin anew with each time.
      let cuts = (1..<lines.count).filter { $0 == 1 || lines[$0].prefix(24) != lines[$0 - 1].prefix(24) }
      func file(_ range: Range<Int>) throws -> String {
        try folder.file(([lines[0]] + lines[range]).joined(separator: "\n"))
      }
      let (early, late) = (cuts[cuts.count / 3], cuts[cuts.count * 2 / 3])
      let job = FileImport(.ticks)
      let first = try await job.run(try file(1..<late), on: database.connection)
      #expect(first.inserted == late - 1)
      let second = try await job.run(try file(early..<lines.count), on: database.connection)
      #expect((second.inserted, second.known, second.differing) == (lines.count - late, late - early, 0))
      let inPieces = try await database.fingerprint()
      try await database.connection.query("TRUNCATE market.ticks")
      _ = try await job.run(try file(1..<lines.count), on: database.connection)
      expectEqual(try await database.fingerprint(), inPieces)
    }
  }

  @Test func badRowsAreKeptAsideWithLineAndReason() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(
        barHeader + """
          2013-10-07,A,5,6,4,5,100,
          2013-10-08,A,5,6,7,5,100,
          2013-10-08,"A,5,6,4,5,100,
          nonsense
          2013-10-09,A,5,6,4,5,100,
          ,NOPE,5,6,4,5,100,
          """)
      let report = try await FileImport(.bars).run(path, on: database.connection)
      #expect((report.rows, report.inserted, report.rejected, report.symbols) == (6, 2, 4, 1))
      #expect(
        try await database.texts(
          "SELECT concat_ws('|', line, reason, content) FROM ops.import_rejects WHERE import_id = \(report.importID) ORDER BY line"
        ) == [
          "3|high is below low|2013-10-08,A,5,6,7,5,100,",
          "4|a quote opens and does not close as it should|2013-10-08,\"A,5,6,4,5,100,",
          "5|1 fields where the header has 8|nonsense", "7|time is missing|,NOPE,5,6,4,5,100,",
        ])
      // A symbol of which no row is good is not listed.
      #expect(try await database.texts("SELECT symbol FROM market.instruments") == ["A"])
      #expect(try await database.int("SELECT rows_rejected FROM ops.imports") == 4)
    }
  }

  @Test func moreRejectsThanAreKeptAreCounted() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let count = ImportStore.rejectLimit + 50
      let long = String(repeating: "é", count: 40)
      let path = try folder.file(
        "ts,symbol,price,size\n" + (0..<count).map { "2013-10-07,A,\(long),\($0)\n" }.joined() + "2013-10-07,A,1,1\n")
      let report = try await FileImport(.ticks).run(path, on: database.connection)
      #expect((report.rows, report.inserted, report.rejected) == (count + 1, 1, count))
      #expect(try await database.int("SELECT count(*) FROM ops.import_rejects") == ImportStore.rejectLimit)
      #expect(try await database.int("SELECT rows_rejected FROM ops.imports") == count)
    }
  }

  @Test func aSecondBarOfTheSameTimeIsRejectedIfItDiffers() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(
        barHeader + """
          2013-10-07,A,5,6,4,5,100,1
          2013-10-08,A,5,6,4,5,100,1
          2013-10-07,A,5,6,4,5,100,1
          2013-10-07,A,5,6,4,5,101,1
          2013-10-08,A,5,6,4,5,100,
          """)
      let report = try await FileImport(.bars).run(path, on: database.connection)
      #expect((report.rows, report.inserted, report.known, report.differing, report.rejected) == (5, 2, 1, 0, 2))
      #expect(
        try await database.texts("SELECT concat_ws('|', line, reason, content) FROM ops.import_rejects ORDER BY line")
          == [
            "5|line 2 has another bar of this time|2013-10-07,A,5,6,4,5,101,1",
            "6|line 3 has another bar of this time|2013-10-08,A,5,6,4,5,100,",
          ])
      // What contradicts an earlier import stays out and is counted.
      let other = try folder.file(barHeader + "2013-10-07,A,5,6,4,5,999,1\n2013-10-08,A,5,6,4,5,100,1\n")
      let second = try await FileImport(.bars).run(other, on: database.connection)
      #expect((second.inserted, second.known, second.differing) == (0, 2, 1))
      #expect(try await database.texts("SELECT volume::text FROM market.bars") == ["100", "100"])
    }
  }

  @Test func dayBarsWithATimeOfDayStartAtTheExchangesMidnight() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(
        barHeader
          + "2013-10-07T15:59:59-04:00,A,5,6,4,5,100,1\n2013-10-08T00:00:00Z,A,5,6,4,5,100,1\n2013-10-08T13:30Z,A,5,6,4,5,9,1\n"
      )
      let report = try await FileImport(.bars, resolution: .day).run(path, on: database.connection)
      #expect((report.inserted, report.rejected) == (2, 1))
      #expect(
        try await database.texts("SELECT ts AT TIME ZONE 'America/New_York' FROM market.bars ORDER BY 1")
          == ["2013-10-07 00:00:00", "2013-10-08 00:00:00"])
    }
  }

  /// Currencies trade from 17:00 in New York on: a tick of that evening and the vendor's bar of the next day are one candle.
  @Test func dayBarsStartWithTheTradingDay() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let header = "ts,symbol,open,high,low,close,volume\n"
      for text in ["2024-03-08,EURUSD,5,6,4,5,100\n", "2024-03-10T21:00Z,EURUSD,5,6,4,5,100\n"] {
        _ = try await FileImport(.bars, exchange: "FX", resolution: .day).run(
          try folder.file(header + text), on: database.connection)
      }
      let days = ["2024-03-07 22:00:00+00", "2024-03-10 21:00:00+00"]
      let candles = "SELECT c.bucket::text FROM market.candles('EURUSD', '1 day') AS c ORDER BY c.bucket"
      try await database.connection.script("SET timezone = 'UTC'")
      #expect(try await database.texts(candles) == days)
      #expect(
        try await database.texts("SELECT day::text FROM market.bar_events('1 day', '{1}') ORDER BY 1")
          == ["2024-03-08", "2024-03-11"])
      try await database.connection.script(
        "INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2024-03-08T03:00Z', 5, 1, 1), ('2024-03-10T21:00Z', 5, 1, 1)"
      )
      #expect(try await database.texts(candles) == days)
    }
  }

  @Test func pricesThatNobodyCanComputeWithAreRejected() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let ticks = ["1e308,1", "1e-320,1", "1e10,1", "9999999999,1", "5,1e18", "5,1e-300", "5,0"]
      let text = ticks.map { "2024-01-02T15:00:00Z,A,\($0)\n" }.joined()
      let report = try await FileImport(.ticks).run(
        try folder.file("ts,symbol,price,size\n" + text), on: database.connection)
      #expect((report.inserted, report.rejected, report.refused) == (1, 6, 1))
      let years = ["0001-01-02", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2300-01-02"]
        .map { "\($0)T00:00:00Z,B,5,1\n" }
      let times = try await FileImport(.ticks).run(
        try folder.file("ts,symbol,price,size\n" + years.joined()), on: database.connection)
      #expect((times.inserted, times.rejected, times.refused) == (2, 4, 0))
      let bars = try await FileImport(.bars, resolution: .day).run(
        try folder.file(
          barHeader + "2013-10-07,A,5,1e300,4,5,1,1\n2013-10-08,A,5,6,4,5,1e300,1\n2013-10-09,A,5,6,4,5,0,1\n"),
        on: database.connection)
      #expect((bars.inserted, bars.rejected) == (1, 2))
    }
  }

  @Test func aKnownSymbolKeepsItsExchange() async throws {
    try await withDatabase { database in
      try await database.connection.query("SELECT market.add_instrument(symbol => 'TCS', exchange => 'NSE')")
      let folder = try TemporaryFolder()
      let path = try folder.file(barHeader + "2013-10-07,TCS,5,6,4,5,100,\n2013-10-07,NEW,5,6,4,5,100,\n")
      _ = try await FileImport(.bars).run(path, on: database.connection)
      #expect(
        try await database.texts(
          """
          SELECT e.code || ' ' || (b.ts AT TIME ZONE 'UTC') FROM market.bars AS b
            JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id) ORDER BY 1
          """) == ["NSE 2013-10-06 18:30:00", "US 2013-10-07 04:00:00"])
      // On two exchanges it has to be said which.
      try await database.connection.query("SELECT market.add_instrument(symbol => 'TCS', exchange => 'BSE')")
      let error = await #expect(throws: FeedError.self) {
        try await FileImport(.bars).run(path, on: database.connection)
      }
      #expect(error?.code == .ambiguousSymbol)
      let report = try await FileImport(.bars, exchange: "BSE").run(path, on: database.connection)
      #expect(report.inserted == 2)
    }
  }

  @Test func anUnknownExchangeIsRefused() async throws {
    try await withDatabase { database in
      let error = await #expect(throws: PostgresError.self) {
        try await FileImport(.bars, exchange: "MOON").run(dayBars, on: database.connection)
      }
      #expect(error?.sqlState == "TR102")
    }
  }

  @Test func aDisorderedTapeIsNumberedInItsOrder() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      // Its prices leap.
      try await database.connection.query("UPDATE market.exchanges SET price_collar = NULL")
      // Ten times around a thousand seconds: each comes back long after it was forgotten.
      let rows = (0..<10_000).map { "\(1_381_132_800 + $0 % 1_000),A,\($0 + 1),1" }
      let path = try folder.file((["ts,symbol,price,size"] + rows).joined(separator: "\n"))
      let report = try await FileImport(.ticks).run(path, on: database.connection)
      #expect((report.inserted, report.rejected) == (10_000, 0))
      #expect(
        try await database.int(
          "SELECT count(*) FROM market.ticks WHERE price <> seq * 1000 + extract(epoch FROM ts - '2013-10-07 08:00Z') + 1 OR seq NOT BETWEEN 0 AND 9"
        ) == 0)
      let again = try await FileImport(.ticks).run(path, on: database.connection)
      #expect((again.inserted, again.known, again.differing) == (0, 10_000, 0))
    }
  }

  @Test func ticksOfManyScatteredDaysGetTheirPartitions() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let rows =
        (0..<120).map { "\(1_381_132_800 + $0 * 86_400 * ($0 % 3 == 0 ? 3 : 1)),A,1,1" } + [
          "1970-01-05,A,1,1", "2099-01-05,A,1,1",
        ]
      let path = try folder.file((["ts,symbol,price,size"] + rows).joined(separator: "\n"))
      let report = try await FileImport(.ticks).run(path, on: database.connection)
      #expect(report.inserted == 122)
      if !TestServer.isTimescale {
        #expect(try await database.int("SELECT count(*) FROM market.ticks_default") == 0)
      }
      // A tape that contradicts the stored one is counted; the stored one stays.
      let other = try folder.file(
        (["ts,symbol,price,size"] + rows.map { $0.replacing(/A,1,1$/, with: "A,2,1") }).joined(separator: "\n"))
      let again = try await FileImport(.ticks).run(other, on: database.connection)
      #expect((again.inserted, again.known, again.differing) == (0, 122, 122))
      #expect(try await database.int("SELECT count(*) FROM market.ticks WHERE price <> 1") == 0)
    }
  }

  enum Death: CaseIterable { case inTheMiddleOfTheRows, beforeTheCommit }

  /// Wherever the session dies, nothing of the file is there, and the next attempt loads it whole.
  @Test(arguments: Death.allCases)
  func aKilledImportLeavesNothing(death: Death) async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(syntheticTape(count: 20_000, seed: 2))
      try await database.connection.script(
        """
        CREATE SEQUENCE public.n;
        CREATE FUNCTION public.die() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' OR nextval('public.n') = 10000 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
          RETURN NEW;
        END $$;
        CREATE TRIGGER die \(death == .beforeTheCommit ? "AFTER UPDATE ON ops.imports" : "BEFORE INSERT ON market.ticks")
          FOR EACH ROW EXECUTE FUNCTION public.die();
        """)
      let victim = try await Connection.connect(database.options)
      let error = await #expect(throws: PostgresError.self) { try await FileImport(.ticks).run(path, on: victim) }
      #expect(error?.isConnectionLoss == true)
      await victim.close()
      expectEqual(try await database.fingerprint(), [])
      #expect(try await database.int("SELECT count(*) FROM ops.imports") == 0)
      try await database.connection.script("DROP FUNCTION public.die CASCADE")
      #expect(try await FileImport(.ticks).run(path, on: database.connection).inserted == 20_000)
    }
  }

  @Test func aCancelledImportLeavesNothing() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let path = try folder.file(syntheticTape(count: 40_000, seed: 2))
      let task = Task {
        try await FileImport(.ticks).run(path, on: database.connection) { progress in
          if progress.rows >= 20_000 { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      expectEqual(try await database.fingerprint(), [])
      // The connection is as good as before.
      #expect(try await FileImport(.ticks).run(path, on: database.connection).inserted == 40_000)
    }
  }

  @Test func aDamagedArchiveLeavesNothing() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let whole = try contents(dayBars)
      let path = try folder.file(Array(whole[..<(whole.count * 2 / 3)]), "bars.csv.gz")
      let error = await #expect(throws: FeedError.self) {
        try await FileImport(.bars).run(path, on: database.connection)
      }
      #expect(error?.code == .cannotRead)
      expectEqual(try await database.fingerprint(), [])
      // The same connection is good for the next file.
      #expect(try await FileImport(.bars).run(dayBars, on: database.connection).inserted == 12_154)
    }
  }

  @Test func aFileWithAHeaderOnlyIsLoadedAsNothing() async throws {
    try await withDatabase { database in
      let folder = try TemporaryFolder()
      let report = try await FileImport(.ticks).run(try folder.file("ts,symbol,price,size\n"), on: database.connection)
      #expect((report.rows, report.inserted) == (0, 0))
      let bars = try await FileImport(.bars).run(try folder.file(barHeader), on: database.connection)
      #expect((bars.rows, bars.inserted) == (0, 0))
    }
  }

  @Test func splitsAreAnnouncedOnce() async throws {
    try await withDatabase { database in
      _ = try await FileImport(.bars).run(dayBars, on: database.connection)
      let job = ActionImport()
      let first = try await job.run(fixture("market/us_splits.csv"), on: database.connection)
      #expect((first.rows, first.added, first.known, first.rejected.count) == (3, 3, 0, 0))
      let again = try await job.run(fixture("market/us_splits.csv"), on: database.connection)
      #expect((again.rows, again.added, again.known, again.rejected.count) == (3, 0, 3, 0))
      #expect(
        try await database.texts(
          """
          SELECT concat_ws(' ', i.symbol, a.ex_date, trim_scale(a.numerator), trim_scale(a.denominator))
            FROM market.corporate_actions AS a JOIN market.instruments AS i USING (instrument_id) ORDER BY a.ex_date
          """) == ["AAPL 2000-06-21 2 1", "MSFT 2003-02-18 2 1", "AAPL 2005-02-28 2 1"])
      let folder = try TemporaryFolder()
      let bad = try await job.run(
        try folder.file(
          """
          symbol,ex_date,kind,numerator,denominator
          NOPE,2001-01-01,split,2,1
          AAPL,2000-06-21,split,3,1
          AAPL,2001-01-01,merger,1,1
          AAPL,soon,split,2,1
          AAPL,2002-01-01,split,0,1
          AAPL,2002-01-01,split,1,1
          IBM,2002-01-01,split,3,2
          """), on: database.connection)
      #expect((bad.rows, bad.added, bad.rejected.map(\.line)) == (7, 1, [2, 3, 4, 5, 6, 7]))
    }
  }

  /// Zones of all kinds, at times around some of their changes from 1970 to 2065.
  @Test func localTimesAreReadAsPostgreSQLReadsThem() async throws {
    try await withDatabase { database in
      var draws = Draws(seed: 4)
      // CET and the like are abbreviations first to PostgreSQL, fixed offsets.
      let all = try await database.texts(
        """
        SELECT name FROM pg_timezone_names
         WHERE name !~ '^(posix|right)/|^(posixrules|Factory|localtime)$' AND name NOT IN (SELECT abbrev FROM pg_timezone_abbrevs)
         ORDER BY name
        """)
      #expect(all.count > 300)
      let odd = [
        "Australia/Lord_Howe", "Europe/Dublin", "Africa/Casablanca", "Pacific/Apia", "Europe/Moscow", "Asia/Kathmandu",
        "America/New_York",
      ]
      for name in odd + (0..<40).map({ _ in all[draws.draw(UInt64(all.count))] }) {
        let rules = try TimeZoneRules(named: name)
        var walls = (0..<20).map { _ in Int64(draws.draw(4_000_000_000)) - 400_000_000 }
        var day = Int64(draws.draw(86_400))
        while day < 3_000_000_000, walls.count < 800 {
          let offset = rules.offset(at: day)
          if offset != rules.offset(at: day + 10 * 86_400), draws.draw(4) == 0 {
            // The change lies within ten days; each is probed by the hour, and by odd minutes in between.
            while rules.offset(at: day + 86_400) == offset { day += 86_400 }
            for minute in stride(from: -120, to: 26 * 60, by: 17) {
              walls.append(day + Int64(minute) * 60 + Int64(offset))
            }
            for hour in -2..<26 { walls.append((day + Int64(offset)) / 3_600 * 3_600 + Int64(hour) * 3_600) }
          }
          day += 10 * 86_400
        }
        let expected = try await database.connection.query(
          """
          SELECT extract(epoch FROM (timestamp 'epoch' + w * interval '1 second') AT TIME ZONE $1)::bigint
            FROM unnest($2::bigint[]) WITH ORDINALITY AS u (w, n) ORDER BY n
          """, [.text(name), .int8s(walls)], format: .binary
        ).map { try $0[0].int64 }
        let wrong = walls.indices.filter { rules.instant(ofWall: walls[$0]) != expected[$0] }.count
        #expect(wrong == 0, "\(name): \(wrong) of \(walls.count)")
      }
    }
  }
}
