import EngineStore
import TestSupport
import Testing

@testable import Feeds

@Suite(.needsServer, .commonTimeLimit)
struct NewBarsTests {
  /// Bars of three exchanges, rows that cannot be used among them, over days on which the clocks change.
  private static func lines(_ seconds: Int) -> [String] {
    var draws = Draws(seed: 23)
    var lines = ["ts,symbol,open,high,low,close,volume,adjusted close"]
    for row in 0..<2_000 {
      let symbol = ["IBM", "NSE:TCS", "FX:EURUSD", "KO"][Int(draws.draw(4))]
      let open = 100 + Int(draws.draw(9))
      let adjusted = draws.draw(3) == 0 ? "\(open - 1)" : ""
      let high = draws.draw(50) == 0 ? "nothing" : "\(open + 2)"
      let at = 1_709_960_400 + row * seconds
      lines.append("\(at),\(symbol),\(open),\(high),\(open - 1),\(open + 1),\(row),\(adjusted)")
    }
    return lines
  }

  private static let stored = """
    SELECT x FROM (
      SELECT concat_ws(' ', 'bar', to_jsonb(b)) AS x FROM market.bars AS b
      UNION ALL
      SELECT concat_ws(' ', 'rollup', to_jsonb(r)) FROM market.bar_rollups AS r
      UNION ALL
      SELECT concat_ws(' ', 'reject', r.line, r.reason, r.content) FROM ops.import_rejects AS r) AS a ORDER BY 1
    """

  /// What is copied, and what the server sorts out since one bar is there already, is the same, whatever the order of the file.
  @Test(arguments: [
    ("as it comes", "1m"), ("backwards", "1m"), ("by symbol", "1m"), ("by symbol", "30s"), ("as it comes", "3m"),
    ("as it comes", "7m"), ("backwards", "15m"), ("as it comes", "45m"), ("by symbol", "2h"),
  ])
  func newBarsAreStoredAsTheServerStoresThem(order: String, length: String) async throws {
    let folder = try TemporaryFolder()
    let resolution = try #require(BarResolution(length))
    var lines = Self.lines(Int(resolution.seconds))
    let header = lines.removeFirst()
    let last = lines.last!
    if order == "backwards" { lines.reverse() }
    func symbol(_ line: String) -> Substring { line.split(separator: ",")[1] }
    if order == "by symbol" { lines.sort { symbol($0) < symbol($1) } }
    let path = try folder.file(([header] + lines).joined(separator: "\n"))
    func outcome(knowingOne: Bool) async throws -> ([String], FileImport.Report) {
      try await withDatabase { database in
        try await database.connection.script(
          "SELECT market.add_instrument('IBM'), market.add_instrument('TCS', 'NSE'), market.add_instrument('EURUSD', 'FX'), market.add_instrument('KO')"
        )
        if knowingOne {
          _ = try await FileImport(.bars, resolution: resolution, vendor: "acme").run(
            try folder.file(header + "\n" + last, "one.csv"), on: database.connection)
        }
        let report = try await FileImport(.bars, resolution: resolution, vendor: "acme").run(
          path, on: database.connection)
        #expect(report.known == (knowingOne ? 1 : 0))
        return (try await database.texts(Self.stored), report)
      }
    }
    let (copied, report) = try await outcome(knowingOne: false)
    let (sorted, second) = try await outcome(knowingOne: true)
    expectEqual(copied, sorted)
    #expect((report.resolution, report.symbols, report.rows) == (resolution.description, 4, 2_000))
    #expect(report.rejected > 20 && report.rejected == second.rejected)
    #expect(report.inserted + report.rejected == 2_000)
    #expect(report.firstReject == second.firstReject)
  }

  /// One instrument by two names: the second bar of a time is known, and the first stays.
  @Test func twoNamesOfOneInstrumentAreSortedOut() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      """
      ts,symbol,open,high,low,close,volume
      2024-01-08T15:00:00Z,IBM,5,6,4,5,100
      2024-01-08T15:00:00Z,US:IBM,5,6,4,5,200
      2024-01-08T15:01:00Z,IBM,5,6,4,5,100
      """)
    try await withDatabase { database in
      let report = try await FileImport(.bars, resolution: BarResolution("1m")).run(path, on: database.connection)
      #expect((report.inserted, report.known, report.differing) == (2, 1, 1))
      #expect(
        try await database.texts("SELECT concat_ws(' ', volume, resolution) FROM market.bar_rollups ORDER BY minutes")
          == Array(repeating: "200 00:01:00", count: 4))
      #expect(try await database.int("SELECT count(*) FROM ops.imports") == 1)
    }
  }

  /// What is sorted and sent piece by piece makes each candle once.
  @Test func aFileThatIsLongerThanWhatIsSortedAtOnce() async throws {
    let folder = try TemporaryFolder()
    var text = "ts,symbol,open,high,low,close,volume\n"
    let count = NewBars.limit + 20_000
    for row in 0..<count {
      text += "\(1_704_067_200 + row / 4 * 60),S\(row % 4),5,6,4,5,1\n"
    }
    let path = try folder.file(text)
    try await withDatabase { database in
      let report = try await FileImport(.bars).run(path, on: database.connection)
      #expect(report.inserted == count)
      #expect(
        try await database.texts(
          "SELECT concat_ws(' ', minutes, sum(volume)) FROM market.bar_rollups GROUP BY minutes ORDER BY minutes")
          == [5, 15, 60, 1440].map { "\($0) \(count)" })
    }
  }
}
