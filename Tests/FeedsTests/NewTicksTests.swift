import LibPQ
import TestSupport
import Testing

@testable import Feeds

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.needsServer, .commonTimeLimit)
struct NewTicksTests {
  /// What goes straight into its day, and what the server sorts out since one tick is there already, is the same: rejects, doubted
  /// ticks, numbers, candles.
  @Test func newTicksAreJudgedAsTheServerJudgesThem() async throws {
    let folder = try TemporaryFolder()
    var draws = Draws(seed: 11)
    var lines = ["ts,symbol,price,size,sale_condition,suspicious"]
    for row in 0..<6_000 {
      // Jumps, some of which are followed by their like, over a midnight and from minute to minute.
      let leap = [1.0, 1, 1, 1, 1, 1, 1, 30, 0.01][Int(draws.draw(9))]
      let condition = ["", "", "", "Z", "T"][Int(draws.draw(5))]
      lines.append(
        "\(1_381_190_000 + row * 3),S\(draws.draw(5)),\(Double(100 + draws.draw(9)) * leap),\(1 + draws.draw(100)),\(condition),\(draws.draw(20) == 0 ? 1 : 0)"
      )
    }
    let path = try folder.file(lines.joined(separator: "\n"))
    func outcome(knowingTheLast: Bool) async throws -> ([String], FileImport.Report) {
      try await withDatabase { database in
        try await database.connection.script(
          """
          INSERT INTO market.sale_conditions (exchange_id, sale_condition) VALUES (market.exchange_id('US'), 'Z');
          SELECT market.add_instrument('S' || n) FROM generate_series(0, 4) AS n;
          INSERT INTO market.ticks (ts, price, size, instrument_id) VALUES ('2013-10-07T00:00Z', 2500, 1, market.instrument_id('S0'));
          """)
        if knowingTheLast {
          _ = try await FileImport(.ticks).run(
            try folder.file(lines[0] + "\n" + lines[6_000], "last.csv"), on: database.connection)
        }
        let report = try await FileImport(.ticks).run(path, on: database.connection)
        #expect(report.known == (knowingTheLast ? 1 : 0))
        return (
          try await database.texts(
            """
            SELECT x FROM (
              SELECT concat_ws(' ', 'tick', t.instrument_id, t.ts, t.seq, t.price, t.size, t.sale_condition, t.suspicious) AS x FROM market.ticks AS t
              UNION ALL
              SELECT concat_ws(' ', 'reject', r.reason, r.instrument_id, r.ts, r.seq, r.price, r.size, r.detail) FROM market.rejected_ticks AS r
              UNION ALL
              SELECT concat_ws(' ', 'candle', to_jsonb(c) - 'vwap') FROM market.candles_1m AS c
              UNION ALL
              SELECT concat_ws(' ', 'hour', to_jsonb(c) - 'vwap') FROM market.candles_1h AS c) AS a ORDER BY 1
            """), report
        )
      }
    }
    let (copied, report) = try await outcome(knowingTheLast: false)
    let (sorted, second) = try await outcome(knowingTheLast: true)
    expectEqual(copied, sorted)
    #expect(report.refused > 500)
    #expect((report.rejected, report.refused) == (second.rejected, second.refused))
  }

  /// Nobody can look twice at a pipe.
  @Test func aPipeIsReadOnce() async throws {
    try await withDatabase { database in
      try await database.connection.script("SELECT market.add_instrument('IBM')")
      var ends: [Int32] = [0, 0]
      try #require(pipe(&ends) == 0)
      defer { close(ends[0]) }
      let text = Array("ts,symbol,price,size\n2024-01-02T15:00:00Z,IBM,100,1\n2024-01-02T15:00:01Z,IBM,101,1\n".utf8)
      #expect(write(ends[1], text, text.count) == text.count)
      close(ends[1])
      let path = "/dev/fd/\(ends[0])"
      try FileImport(.ticks).check(path)
      #expect(try await FileImport(.ticks).run(path, on: database.connection).inserted == 2)
    }
  }
}
