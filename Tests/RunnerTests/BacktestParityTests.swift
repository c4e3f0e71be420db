import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// A backtest does what a replay through the runner does on a paper portfolio with the same terms: the same orders, fills and
/// refusals, and the same money at the end, to the last digit. For every built-in strategy, over real days and made-up ticks.
@Suite(.needsServer, .serialized, .commonTimeLimit)
struct BacktestParityTests {
  private static let symbols = ["AAPL", "IBM", "MSFT"]
  private static let (first, last) = ("2003-01-02", "2005-12-30")

  /// Terms under which orders are cut, refused and charged.
  private static func portfolios(_ condition: String, _ type: String, share: Int, pause: String) -> String {
    """
    SELECT trading.create_portfolio(name => s.name, capital => 60000, account_type => '\(type)', fee_schedule => 'us_equity', slippage_bps => 3,
                                    participation_percent => 0.02, slippage_ticks => 1, impact_bps => 40, latency => '90 seconds', at => '2003-01-01'),
           strategy.create_agent(s.name, s.name, s.name, CASE WHEN v.parameters ? 'legs' THEN '{MSFT}' ELSE '{AAPL,IBM,MSFT}' END::text[],
                                 params => CASE WHEN v.parameters ? 'legs' THEN '{"other": "IBM"}' ELSE '{}' END::jsonb, at => '2003-01-01'),
           strategy.start_agent(s.name, s.name, at => '2003-01-01'), risk.set_limit('position_share', \(share), 'portfolio', s.name, at => '2003-01-01'),
           risk.set_protection('cooldown', '\(pause)', 'portfolio', s.name, at => '2003-01-01')
      FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
     WHERE \(condition) ORDER BY s.name;
    """
  }

  /// What shorts cost: IBM's rate changes in the course of each market.
  private static let rates = """
    INSERT INTO trading.borrow_rates (instrument_id, valid_from, percent)
    SELECT market.instrument_id(r.symbol), r.day, r.percent
      FROM (VALUES ('AAPL', date '-infinity', 7.77), ('IBM', '-infinity', 0.31), ('IBM', '2004-03-02', 2.5), ('IBM', '2023-10-12', 3.123), ('IBM', '2024-03-07', 41)) AS r (symbol, day, percent);
    """

  private static let days: String = {
    let days = RealDay.all.filter { symbols.contains($0.ticker) && $0.date >= "2002-01-01" && $0.date <= last }.map {
      "('\($0.ticker)', '\($0.date)'::timestamp, \($0.open), \($0.high), \($0.low), \($0.close), \($0.volume))"
    }
    return """
      SELECT market.ensure_instruments('{\(symbols.joined(separator: ","))}');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT market.instrument_id(b.symbol), '1 day', b.day AT TIME ZONE 'America/New_York', b.o, b.h, b.l, b.c, b.v
        FROM (VALUES \(days.joined(separator: ","))) AS b (symbol, day, o, h, l, c, v);
      SELECT market.add_split('MSFT', '2003-02-18', 2, 1), market.add_split('AAPL', '2005-02-28', 2, 1), market.add_dividend('IBM', 0.2, '2005-08-08');
      \(rates)
      """
  }()

  /// An early close, a holiday and a break at noon.
  private static func shortDays(_ early: String, _ holiday: String, _ divided: String) -> String {
    """
    SELECT market.add_holiday('US', '\(early)', 'early close', '09:30', '13:00'), market.add_holiday('US', '\(holiday)', 'holiday'),
           market.add_holiday('US', '\(divided)', 'morning', '09:30', '11:00'), market.add_holiday('US', '\(divided)', 'afternoon', '13:00', '16:00');
    """
  }

  /// Two weeks in which prices wander around the middle between bid and ask, also while the exchange is closed.
  private static func ticks(_ seed: UInt64) -> String {
    var random = SeededGenerator(seed: 20_240_303 + seed)
    var middle = [100.0, 60, 30]
    var rows: [String] = []
    for day in 0..<10 {
      let date = 4 + day + day / 5 * 2
      for second in stride(from: -7_200, to: 390 * 60 + 9_000, by: 90) {
        let index = Int.random(in: 0...2, using: &random)
        let drift = second < 3_600 ? 0.0006 : -0.0001
        middle[index] *= 1 + drift + Double.random(in: -0.002...0.002, using: &random)
        let price = ((middle[index] + (Bool.random(using: &random) ? 0.02 : -0.02)) * 100).rounded() / 100
        let size = Int.random(in: 1...90_000, using: &random)
        rows.append(
          "('\(symbols[index])', '2024-03-\(date < 10 ? "0" : "")\(date) 14:30Z'::timestamptz + \(second) * interval '1 second', \(price), \(size), \(rows.count))"
        )
      }
    }
    return """
      SELECT market.ensure_instruments('{\(symbols.joined(separator: ","))}');
      INSERT INTO market.ticks (instrument_id, ts, price, size, seq)
      SELECT market.instrument_id(t.symbol), t.ts, t.price, t.size, t.seq FROM (VALUES \(rows.joined(separator: ","))) AS t (symbol, ts, price, size, seq);
      SELECT market.add_split('AAPL', '2024-03-12', 3, 2), market.add_dividend('IBM', 0.1, '2024-03-08');
      \(shortDays("2024-03-06", "2024-03-13", "2024-03-14"))
      \(rates)
      """
  }

  /// Two weeks of minutes, of which some have no trade, the last one of an hour or a day among them, and some are before or
  /// behind the sessions.
  private static let minutes: String = {
    var random = SeededGenerator(seed: 20_231_002)
    var middle = [100.0, 60, 30]
    var rows: [String] = []
    for day in 0..<10 {
      let date = 2 + day + day / 5 * 2
      for minute in -90..<480 {
        for index in 0...2 {
          // Only once the agents act: candles of days that have closed before are those of `market.candles`, of the whole day.
          if minute < 0 || minute >= 390, day < 5 || Int.random(in: 0..<3, using: &random) > 0 { continue }
          let open = middle[index]
          let drift = ((minute + 97) / 97 + day + index) % 3 == 0 ? -0.0004 : 0.0002
          middle[index] *= 1 + drift + Double.random(in: -0.002...0.002, using: &random)
          if Int.random(in: 0..<12, using: &random) == 0 { continue }
          func cents(_ price: Double) -> Double { (price * 100).rounded() / 100 }
          let (high, low) = (max(open, middle[index]) * 1.0007, min(open, middle[index]) * 0.9993)
          rows.append(
            "('\(symbols[index])', '2023-10-01 13:30Z'::timestamptz + \((date - 1) * 1_440 + minute) * interval '1 minute', \(cents(open)), \(cents(high)), \(cents(low)), \(cents(middle[index])), \(Int.random(in: 1...900_000, using: &random)))"
          )
        }
      }
    }
    return """
      SELECT market.ensure_instruments('{\(symbols.joined(separator: ","))}');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT market.instrument_id(b.symbol), '1 minute', b.ts, b.o, b.h, b.l, b.c, b.v FROM (VALUES \(rows.joined(separator: ","))) AS b (symbol, ts, o, h, l, c, v);
      SELECT market.add_split('AAPL', '2023-10-11', 3, 2), market.add_dividend('IBM', 0.1, '2023-10-13');
      \(shortDays("2023-10-09", "2023-10-12", "2023-10-10"))
      \(rates)
      SELECT strategy.create_strategy('days', 'custom', '1 day', '{"entry": "sma(close, 2) > sma(close, 3)", "exit": "close < sma(close, 3)", "short_entry": "sma(close, 2) < sma(close, 3)", "short_exit": "close > sma(close, 3)", "sizing": {"method": "fixed_value", "value": 9000}}'),
             strategy.create_strategy('hours', 'custom', '1 hour', '{"entry": "close > ema(close, 5) and ''IBM''.close@1d > 0", "exit": "close < ema(close, 8)", "sizing": {"method": "fixed_value", "value": 9000}, "exits": [{"type": "atr_stop", "multiple": 1, "period": 5}, {"type": "take_profit", "percent": 2}]}');
      """
  }()

  @Test func overMinutesThatMakeLongerCandles() async throws {
    try await compare(
      Self.minutes, Self.portfolios("v.timeframe > '1 minute'", "margin", share: 150, pause: "15 minutes"),
      from: "2023-10-09", until: "2023-11-01", fill: "next_open", resolution: "1 minute", atLeast: 60
    ) { options in
      BarFeed(
        options: options, resolution: 60_000_000, from: try Timestamp("2023-10-09T00:00:00Z"),
        until: try Timestamp("2023-11-01T00:00:00Z"))
    }
  }

  /// In an account that sells nothing short there is less to see.
  @Test(arguments: [("margin", "2006-01-01", 60), ("cash", "2004-01-01", 15)])
  func overDays(_ type: String, until: String, fills: Int) async throws {
    try await compare(
      Self.days, Self.portfolios("v.timeframe = '1 day'", type, share: 40, pause: "3 days"), from: Self.first,
      until: until, fill: "next_open", atLeast: fills, repeating: type == "margin" ? "pairs_arbitrage" : nil
    ) { options in
      BarFeed(
        options: options, resolution: 86_400_000_000, from: try Timestamp("\(Self.first)T00:00:00Z"),
        until: try Timestamp("\(until)T00:00:00Z"))
    }
  }

  @Test(arguments: seeds(UInt64(rounds(1, soak: 6)))) func overTicks(seed: UInt64) async throws {
    try await compare(
      Self.ticks(seed), Self.portfolios("true", "margin", share: 150, pause: "15 minutes"), from: "2024-03-04",
      until: "2024-04-01", fill: "tick", atLeast: 40
    ) { StoredTickFeed(options: $0, follows: false) }
  }

  private func compare(
    _ market: String, _ portfolios: String, from: String, until: String, fill: String, resolution: String = "1 day",
    atLeast fills: Int, repeating repeated: String? = nil, _ feed: (ConnectionOptions) throws -> any MarketFeed
  ) async throws {
    try await TestDatabase.withSchema(market) { options, connection in
      let runner = Runner(
        options: RunnerOptions(database: options), feed: try feed(options),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await runner.checkVersions(connection)
      try await connection.script(portfolios)
      try await runner.run()
      let names = try await connection.query("SELECT name FROM trading.portfolios ORDER BY 1").map { try $0[0].string }
      var count = 0
      for name in names {
        let run = try await backtest(name, from: from, until: until, fill: fill, connection)
        let found = try await lines(Self.ofBacktest, [.int8(run)], connection)
        let expected = try await lines(Self.ofPortfolio, [.text(name)], connection)
        expectEqual(found, expected)
        if name == repeated { try await repeats(run, of: name, connection) }
        count += expected.filter { $0.hasPrefix("fill") }.count
        expectEqual(try await lines(Self.whileClosed, [.int8(run), .text(name)], connection), [])
        if fill == "next_open" {
          expectEqual(try await lines(Self.impossible, [.int8(run), .text(resolution)], connection), [])
        }
      }
      #expect(count >= fills, "\(count) fills are too few to compare")
      let isCharged = try await connection.query(
        "SELECT EXISTS (SELECT FROM trading.borrow_charges) = EXISTS (SELECT FROM trading.portfolios WHERE account_type = 'margin')"
      ).only()[0].bool
      #expect(isCharged, "who may sell short has paid for it")
    }
  }

  private func backtest(
    _ name: String, from: String, until: String, fill: String, _ connection: Connection
  ) async throws -> Int64 {
    let row = try await connection.query(
      """
      SELECT array_to_json(array_agg(i.symbol ORDER BY i.symbol) FILTER (WHERE n.leg_no IS NULL))::text, a.params::text
        FROM strategy.agents AS a JOIN strategy.agent_instruments AS n USING (portfolio_id, agent_id) JOIN market.instruments AS i USING (instrument_id)
       WHERE a.name = $1 GROUP BY a.params
      """, [.text(name)]
    ).only()
    let strategies = StrategyStore(connection)
    var stored = try #require(try await strategies.version(of: name, nil))
    if try row[1].string != "{}" { stored = try await strategies.with(params: try row[1].string, stored) }
    let symbols = try row[0].string.split { "[]\",".contains($0) }.map(String.init)
    return try await BacktestStore(connection).run(
      BacktestRequest(
        strategy: name, symbols: symbols, from: "\(from)T00:00:00Z", until: "\(until)T00:00:00Z", capital: "60000",
        settings: #"{"portfolio": "\#(name)", "fill": "\#(fill)", "params": \#(try row[1].string)}"#,
        report: try stored.report().json)
    ) { _, _ in }
  }

  /// The stored run says everything that is needed to repeat it, and what is repeated is the same row by row, whatever became of
  /// the limits of the portfolio whose terms it had.
  private func repeats(_ run: Int64, of portfolio: String, _ connection: Connection) async throws {
    let row = try await connection.query(
      """
      SELECT s.name, b.version, array_to_string(b.symbols, ' '), b.from_time::text, b.until_time::text, b.capital::text, b.settings::text, b.settings ->> 'params', array_to_string(b.legs, ' ')
        FROM research.backtests AS b JOIN strategy.strategies AS s USING (strategy_id) WHERE b.run_id = $1
      """, [.int8(run)]
    ).only()
    let strategies = StrategyStore(connection)
    var stored = try #require(try await strategies.version(of: try row[0].string, try row[1].int32))
    stored = try await strategies.with(params: try row[7].string, stored)
    #expect(try row[8].string == "US:IBM")
    try await connection.script(
      """
      SELECT risk.set_limit('position_share', 1, 'portfolio', p.name), risk.set_limit('order_value', 1, 'portfolio', p.name),
             risk.set_protection('cooldown', '90 days', 'portfolio', p.name) FROM trading.portfolios AS p WHERE p.name = '\(portfolio)';
      """)
    let again = try await BacktestStore(connection).run(
      BacktestRequest(
        strategy: "\(try row[0].string)@\(try row[1].int32)",
        symbols: try row[2].string.split(separator: " ").map(String.init), from: try row[3].string,
        until: try row[4].string, capital: try row[5].string, settings: try row[6].string,
        report: try stored.report().json)
    ) { _, _ in }
    let first = try await lines(Self.everything, [.int8(run)], connection)
    #expect(first.contains { $0.hasPrefix("lot") } && first.contains { $0.hasPrefix("curve") })
    expectEqual(try await lines(Self.everything, [.int8(again)], connection), first)
  }

  private func lines(_ query: String, _ values: [Value], _ connection: Connection) async throws -> [String] {
    try await connection.query(query, values).map { try $0[0].string }
  }

  private static func rows(_ orders: String, _ fills: String, _ lots: String, _ money: String) -> String {
    """
    SELECT x.line FROM (
      SELECT 1 AS part, o.order_id AS id, concat_ws('|', 'order', o.order_id, o.client_order_id, o.instrument_id, o.side, o.type, trim_scale(o.quantity),
               trim_scale(o.limit_price), trim_scale(o.stop_price), o.status, o.reason_code, o.reason, o.submitted_at, o.closed_at,
               trim_scale(o.filled_quantity), trim_scale(o.average), trim_scale(o.fees)) AS line FROM (\(orders)) AS o
      UNION ALL
      SELECT 2, f.fill_id, concat_ws('|', 'fill', f.fill_id, f.order_id, f.instrument_id, f.side, trim_scale(f.quantity), trim_scale(f.price), trim_scale(f.fee),
               trim_scale(f.realised_pnl), f.at) FROM (\(fills)) AS f
      UNION ALL
      SELECT 3, row_number() OVER (ORDER BY l.fill_id, l.lot_fill_id), concat_ws('|', 'lot', l.fill_id, l.lot_fill_id, l.instrument_id, trim_scale(l.quantity), trim_scale(l.cost),
               trim_scale(l.value), l.opened_at, l.closed_at, trim_scale(l.settled_pnl)) FROM (\(lots)) AS l
      UNION ALL
      SELECT 4, 0, concat_ws('|', 'money', trim_scale(m.cash), trim_scale(m.equity), trim_scale(m.income)) FROM (\(money)) AS m) AS x
     ORDER BY x.part, x.id
    """
  }

  /// Fills that no market could have given: outside of their bar or of its time, of an order that came later, more than the
  /// volume allows; and cash that was not there.
  private static let impossible = """
    SELECT 'fill ' || f.fill_id || ' at ' || f.at
      FROM research.backtest_fills AS f
      JOIN research.backtest_orders AS o USING (run_id, order_id)
     WHERE f.run_id = $1
       AND (EXISTS (SELECT FROM market.bar_events($2::text::interval, '{1,2,3}') AS b
                     WHERE b.instrument_id = f.instrument_id AND f.at BETWEEN b.opens_at AND b.closes_at AND o.submitted_at < b.closes_at
                       AND f.price BETWEEN b.low * 0.9997 - 0.0201 AND b.high * 1.0003 + 0.0201 AND f.quantity <= ceil(b.volume * 0.0002))
            AND o.submitted_at <= f.at) IS NOT TRUE
    UNION ALL
    SELECT 'cash ' || e.day FROM research.backtest_equity AS e WHERE e.run_id = $1 AND e.cash < 0
    UNION ALL
    SELECT 'cash at fill ' || c.fill_id
      FROM (SELECT f.fill_id, sum(CASE f.side WHEN 'buy' THEN -f.quantity * f.price ELSE f.quantity * f.price END - f.fee) OVER (ORDER BY f.fill_id) AS spent
              FROM research.backtest_fills AS f WHERE f.run_id = $1) AS c
     WHERE 60000 + c.spent < 0 AND NOT EXISTS (SELECT FROM research.backtests AS b WHERE b.run_id = $1 AND b.settings ->> 'account_type' = 'margin')
    """

  /// Fills of a run or of a portfolio outside of the sessions.
  private static let whileClosed = """
    SELECT 'fill ' || f.fill_id || ' at ' || f.at
      FROM (SELECT b.fill_id, b.at FROM research.backtest_fills AS b WHERE b.run_id = $1
            UNION ALL SELECT p.fill_id, p.at FROM trading.fills AS p WHERE p.portfolio_id = trading.portfolio_id($2)) AS f
     WHERE NOT EXISTS (SELECT FROM market.session_bounds(1, (f.at AT TIME ZONE 'America/New_York')::date) AS s WHERE f.at BETWEEN s.opens_at AND s.closes_at)
    """

  private static let everything = """
    SELECT x.line FROM (
      SELECT 'run ' || (to_jsonb(r) - '{run_id,created_at,duration}'::text[])::text AS line FROM research.backtests AS r WHERE r.run_id = $1
      UNION ALL SELECT 'order ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_orders AS r WHERE r.run_id = $1
      UNION ALL SELECT 'fill ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_fills AS r WHERE r.run_id = $1
      UNION ALL SELECT 'trade ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_trades AS r WHERE r.run_id = $1
      UNION ALL SELECT 'lot ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_lots AS r WHERE r.run_id = $1
      UNION ALL SELECT 'day ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_equity AS r WHERE r.run_id = $1
      UNION ALL SELECT 'curve ' || (to_jsonb(r) - 'run_id')::text FROM research.backtest_curves AS r WHERE r.run_id = $1) AS x
     ORDER BY x.line
    """

  private static let ofBacktest = rows(
    "SELECT b.*, b.average_price AS average FROM research.backtest_orders AS b WHERE b.run_id = $1",
    "SELECT * FROM research.backtest_fills WHERE run_id = $1",
    "SELECT * FROM research.backtest_lots WHERE run_id = $1",
    "SELECT final_cash AS cash, final_equity AS equity, income FROM research.backtests WHERE run_id = $1")

  private static let ofPortfolio = rows(
    "SELECT o.*, o.average_fill_price AS average FROM trading.orders AS o WHERE o.portfolio_id = trading.portfolio_id($1)",
    "SELECT * FROM trading.fills WHERE portfolio_id = trading.portfolio_id($1)",
    "SELECT * FROM trading.lot_closures WHERE portfolio_id = trading.portfolio_id($1)",
    "SELECT a.cash + a.margin AS cash, v.equity, v.income FROM trading.accounts(ARRAY[trading.portfolio_id($1)]) AS a JOIN trading.portfolio_values AS v USING (portfolio_id)"
  )
}
