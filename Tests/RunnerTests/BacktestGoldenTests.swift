import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore

/// Two ideas over thirteen years of real days give what backtesting.py 0.6.6 gives for them (`fixtures/golden/backtests.md`),
/// and what a plain loop does.
@Suite(.needsServer, .commonTimeLimit)
struct BacktestGoldenTests {
  /// Of the closes, in percent, with fills at the next open; by a plain loop.
  private static let drawdowns = [
    "ema IBM": -0.6064478923710093, "mr IBM": -0.22789310632932436, "ema GOOG": -2.0078039286232086,
    "mr GOOG": -1.6062695214616896,
  ]

  private static let strategies = """
    SELECT strategy.create_strategy('ema', 'custom', '1 day', '{"entry": "ema(close, 20) > ema(close, 50)", "exit": "ema(close, 20) < ema(close, 50)", "sizing": {"method": "fixed_quantity", "quantity": 100}}');
    SELECT strategy.create_strategy('mr', 'custom', '1 day', '{"entry": "rsi(close, 14) < 30 and close < bbands(close, 20, 2).lower", "exit": "rsi(close, 14) > 50 or close > bbands(close, 20, 2).middle", "sizing": {"method": "fixed_quantity", "quantity": 100}}');
    """

  @Test func equalsBacktestingPy() async throws {
    let days = RealDay.all.filter { ["IBM", "GOOG"].contains($0.ticker) }.map {
      "('\($0.ticker)', '\($0.date)'::timestamp, \($0.open), \($0.high), \($0.low), \($0.close), \($0.volume))"
    }
    try await TestDatabase.withSchema(
      """
      SELECT market.ensure_instruments('{IBM,GOOG}');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT market.instrument_id(b.symbol), '1 day', b.day AT TIME ZONE 'America/New_York', b.o, b.h, b.l, b.c, b.v
        FROM (VALUES \(days.joined(separator: ","))) AS b (symbol, day, o, h, l, c, v);
      """ + Self.strategies
    ) { _, connection in
      for line in String(decoding: try contents(fixture("golden/backtests.csv")), as: UTF8.self).split(separator: "\n")
        .dropFirst()
      {
        let golden = line.split(separator: ",").map(String.init)
        let (idea, symbol, fill) = (golden[0], golden[1], golden[2])
        let report = try #require(try await StrategyStore(connection).version(of: idea, nil)).report().json
        let run = try await BacktestStore(connection).run(
          BacktestRequest(
            strategy: idea, symbols: [symbol], from: "2000-01-01", until: "2014-01-01", capital: "1000000",
            settings: #"{"commission_percent": 0.1, "skip_bars": 60, "fill": "\#(fill)"}"#, report: report)
        ) { _, _ in }
        let row = try await connection.query(
          """
          SELECT b.final_equity::float8, b.trades, 100 * b.max_drawdown, 100 * (SELECT min(e.drawdown) FROM research.backtest_equity AS e WHERE e.run_id = b.run_id),
                 (SELECT count(*) FROM research.backtest_trades AS t WHERE t.run_id = b.run_id AND t.closed_at IS NOT NULL), b.research_only
            FROM research.backtests AS b WHERE b.run_id = $1
          """, [.int8(run)]
        ).only()
        let equity = try #require(Double(golden[3]))
        #expect(abs(try row[0].double - equity) < 1e-9 * equity, "\(line)")
        let trades = try #require(Int64(golden[4]))
        #expect(try row[1].int64 == trades && row[4].int64 == trades, "\(line)")
        #expect(try row[5].bool == (fill == "close"))
        if fill == "next_open", let drawdown = Self.drawdowns["\(idea) \(symbol)"] {
          #expect(abs(try row[2].double - drawdown) < 1e-9)
          #expect(abs(try row[3].double - drawdown) < 1e-9)
        }
      }
    }
  }
}
