import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Feeds

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.needsServer, .commonTimeLimit)
struct ExportTests {
  /// Names of files below a folder, hidden ones included.
  private func files(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      let below = files("\(folder)/\(name)")
      names += below.isEmpty ? [name] : below.map { "\(name)/\($0)" }
    }
    return names.sorted()
  }

  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await body(folder.path)
  }

  /// What has to be the same after the way into files and back.
  private func rows(_ database: MarketDatabase) async throws -> [String] {
    try await database.texts(
      """
      SELECT * FROM (
        SELECT concat_ws('|', 'tick', i.symbol, t.ts, t.price, t.size, t.seq, t.venue, t.sale_condition, t.suspicious)
          FROM market.ticks AS t JOIN market.instruments AS i USING (instrument_id)
        UNION ALL
        SELECT concat_ws('|', 'bar', i.symbol, b.resolution, b.ts, b.open, b.high, b.low, b.close, b.volume, b.adjusted_close)
          FROM market.bars AS b JOIN market.instruments AS i USING (instrument_id)) AS x (t) ORDER BY 1
      """)
  }

  @Test func whatIsExportedAndImportedIsTheSame() async throws {
    try await withDatabase { database in
      try await withFolder { folder in
        let source = try TemporaryFolder()
        let tape = try source.file(syntheticTape(count: 3_000, seed: 3))
        _ = try await FileImport(.ticks).run(tape, on: database.connection)
        // A day later, and another exchange.
        _ = try await FileImport(.ticks, exchange: "XETRA").run(
          try source.file("ts,symbol,price,size\n2024-01-03T09:00:00.123456Z,SAP,100.1,5\n", "next.csv"),
          on: database.connection)
        _ = try await FileImport(.bars).run(dayBars, on: database.connection)
        _ = try await FileImport(.bars, exchange: "NSE", resolution: BarResolution("1m")).run(
          try source.file(
            "ts,symbol,open,high,low,close,volume\n2019-07-09T03:45:00Z,YES,1,2,0.5,1.1,7\n2019-07-31T03:45:00Z,YES,1,2,1,1,8\n",
            "minutes.csv"), on: database.connection)
        let before = try await rows(database)
        let ticks = try await ArchiveExport(.ticks, folder: folder).run(on: database.connection)
        let bars = try await ArchiveExport(.bars, folder: folder).run(on: database.connection)
        #expect((ticks.written, ticks.rows, bars.rows) == (2, 3_001, 12_156))
        let written = files(folder)
        #expect(written.contains("ticks/2024/01/2024-01-02.US.csv.gz"))
        #expect(written.contains("ticks/2024/01/2024-01-03.XETRA.csv.gz"))
        #expect(written.contains("bars/2000/03/2000-03.US.1d.csv.gz"))
        #expect(written.contains("bars/2019/07/2019-07.NSE.1m.csv.gz"))
        #expect(written.count == ticks.written + bars.written)
        try await database.connection.script("TRUNCATE market.ticks, market.bars")
        for file in written {
          let exchange = file.split(separator: ".").first { ["US", "NSE", "XETRA"].contains($0) }.map(String.init)
          let kind: ImportStore.Kind = file.hasPrefix("ticks") ? .ticks : .bars
          let job = FileImport(kind, exchange: exchange, resolution: BarResolution(file.contains(".1m.") ? "1m" : "1d"))
          let report = try await job.run("\(folder)/\(file)", on: database.connection)
          #expect((report.rejected, report.known) == (0, 0))
        }
        expectEqual(try await rows(database), before)
      }
    }
  }

  /// Numbers of the exchange are kept: an archive that is read back over its own ticks adds none.
  @Test func ticksKeepTheirOwnNumbers() async throws {
    try await withDatabase { database in
      try await withFolder { folder in
        try await database.connection.script(
          """
          SELECT market.add_instrument('AAA');
          INSERT INTO market.ticks (ts, price, size, seq, instrument_id)
          SELECT '2024-01-02 15:00Z'::timestamptz + n / 3 * interval '1 second', 100 + n, 1, 7000000000 + n, market.instrument_id('AAA')
            FROM generate_series(1, 10) AS n
          """)
        let before = try await rows(database)
        _ = try await ArchiveExport(.ticks, folder: folder + "/").run(on: database.connection)
        let file = "\(folder)/\(try #require(files(folder).first))"
        let again = try await FileImport(.ticks).run(file, on: database.connection)
        #expect((again.inserted, again.known, again.differing) == (0, 10, 0))
        try await database.connection.script("TRUNCATE market.ticks")
        #expect(try await FileImport(.ticks).run(file, on: database.connection).inserted == 10)
        expectEqual(try await rows(database), before)
      }
    }
  }

  @Test func anExportGoesOnWhereItWasInterrupted() async throws {
    try await withDatabase { database in
      try await withFolder { folder in
        let source = try TemporaryFolder()
        let days = (2...5).map { "2024-01-0\($0)T15:00:00Z,AAA,10,1\n" }
        _ = try await FileImport(.ticks).run(
          try source.file("ts,symbol,price,size\n" + days.joined()), on: database.connection)
        let job = ArchiveExport(.ticks, folder: folder)
        #expect(try await job.run(on: database.connection).written == 4)
        let first = "\(folder)/ticks/2024/01/2024-01-02.US.csv.gz"
        let bytes = try contents(first)
        // The same content is the same file, to the byte.
        var again = job
        again.overwrites = true
        #expect(try await again.run(on: database.connection).written == 4)
        #expect(try contents(first) == bytes)
        // Killed before the third file was complete: what it was writing is no file of the archive.
        unlink("\(folder)/ticks/2024/01/2024-01-04.US.csv.gz")
        let partial = fopen("\(folder)/ticks/2024/01/.2024-01-04.US.csv.gz.partial", "wb")
        fputs("half of it", partial)
        fclose(partial)
        let next = try await job.run(on: database.connection)
        // The last day may have grown: it is written anew.
        #expect((next.written, next.kept, next.rows) == (2, 2, 2))
        #expect(files(folder).count == 4)
        // Late ticks go into a file that is there on request only.
        try await database.connection.script(
          "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) SELECT instrument_id, '2024-01-02 15:00:01Z', 0, 11, 1 FROM market.instruments"
        )
        _ = try await job.run(on: database.connection)
        #expect(try contents(first) == bytes)
        _ = try await again.run(on: database.connection)
        #expect(try contents(first) != bytes)
      }
    }
  }

  @Test func oneInstrumentAndOneSpanOfTime() async throws {
    try await withDatabase { database in
      try await withFolder { folder in
        let source = try TemporaryFolder()
        let rows = (2...5).flatMap { ["2024-01-0\($0)T15:00:00Z,AAA,10,1\n", "2024-01-0\($0)T15:00:00Z,B/C,10,1\n"] }
        _ = try await FileImport(.ticks).run(
          try source.file("ts,symbol,price,size\n" + rows.joined()), on: database.connection)
        let job = ArchiveExport(
          .ticks, folder: folder, symbol: "US:B/C", from: try Timestamp("2024-01-03T00:00:00Z"),
          until: try Timestamp("2024-01-04T15:00:00Z"))
        let report = try await job.run(on: database.connection)
        #expect((report.written, report.rows) == (1, 1))
        #expect(files(folder) == ["ticks/2024/01/2024-01-03.US.B%2FC.csv.gz"])
        await #expect(throws: PostgresError.self) {
          try await ArchiveExport(.ticks, folder: folder, symbol: "NONE").run(on: database.connection)
        }
      }
    }
  }

  @Test func aFolderThatCannotBeWrittenIsAnErrorThatNamesIt() async throws {
    try await withDatabase { database in
      _ = try await FileImport(.bars).run(dayBars, on: database.connection)
      await #expect { try await ArchiveExport(.bars, folder: "/proc/none").run(on: database.connection) } throws: {
        ($0 as? FeedError)?.code == .cannotWrite
      }
    }
  }
}
