import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore

/// Two ideas over thirteen years of real days give what backtesting.py 0.6.6 gives for them (trade_on_close=False,
/// finalize_trades=False, commission of 0.1 %), and what a plain loop does.
@Suite(.needsServer, .commonTimeLimit)
struct BacktestGoldenTests {
  private struct Golden {
    let strategy: String
    let symbol: String
    let finalEquity: Double
    let trades: Int64
    /// Of the closes, in percent.
    let drawdown: Double
  }

  private static let golden = [
    Golden(strategy: "ema", symbol: "IBM", finalEquity: 1000541.507, trades: 30, drawdown: -0.6064478923710093),
    Golden(strategy: "mr", symbol: "IBM", finalEquity: 1001776.042, trades: 21, drawdown: -0.22789310632932436),
    Golden(strategy: "ema", symbol: "GOOG", finalEquity: 1045950.012, trades: 17, drawdown: -2.0078039286232086),
    Golden(strategy: "mr", symbol: "GOOG", finalEquity: 1013994.862, trades: 12, drawdown: -1.6062695214616896),
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
      for golden in Self.golden {
        let report = try #require(try await StrategyStore(connection).version(of: golden.strategy, nil)).report().json
        let run = try await BacktestStore(connection).run(
          BacktestRequest(
            strategy: golden.strategy, symbols: [golden.symbol], from: "2000-01-01", until: "2014-01-01",
            capital: "1000000", settings: #"{"commission_percent": 0.1, "skip_bars": 60}"#, report: report)
        ) { _, _ in }
        let row = try await connection.query(
          """
          SELECT b.final_equity::float8, b.trades, 100 * b.max_drawdown, 100 * (SELECT min(e.drawdown) FROM research.backtest_equity AS e WHERE e.run_id = b.run_id),
                 (SELECT count(*) FROM research.backtest_trades AS t WHERE t.run_id = b.run_id AND t.closed_at IS NOT NULL)
            FROM research.backtests AS b WHERE b.run_id = $1
          """, [.int8(run)]
        ).only()
        #expect(abs(try row[0].double - golden.finalEquity) < 1e-9 * golden.finalEquity)
        #expect(try row[1].int64 == golden.trades && row[4].int64 == golden.trades)
        #expect(abs(try row[2].double - golden.drawdown) < 1e-9)
        #expect(abs(try row[3].double - golden.drawdown) < 1e-9)
      }
    }
  }
}
