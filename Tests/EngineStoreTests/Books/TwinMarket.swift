import LibPQ
import TestSupport

@testable import EngineStore
@testable import TradingCore

/// Instruments of all kinds, portfolios with random terms, limits and protections, and what books in memory are told of them.
struct TwinMarket {
  static let begin = try! Timestamp("2024-02-26T13:00:00Z")
  static let agents: [Int32] = [1, 2, 3, 4]
  static let symbols = ["AAA", "BBB", "CCC", "DDD", "FFF", "CALL"]

  /// - Parameters:
  ///   - hasContracts: there are a future and an option too.
  ///   - limits, protections: how many there are.
  static func script(
    _ random: inout SeededGenerator, hasContracts: Bool, limits: Int, protections: Int
  ) -> String {
    var script = """
      SELECT market.add_instrument('AAA', sector => 'tech');
      SELECT market.add_instrument('BBB', sector => 'tech', tick_size => 0.05, is_shortable => \(random.chance(0.5)));
      SELECT market.add_instrument('CCC', exchange => 'CRYPTO', kind => 'crypto', tick_size => 0.01, lot_size => 0.001, initial_margin => 1);
      SELECT market.add_instrument('DDD', exchange => 'NASDAQ', kind => 'etf', lot_size => 10, sector => 'funds', multiplier => \(random.pick(["1", "1", "0.5"])));

      """
    if hasContracts {
      script += """
        SELECT market.add_instrument('FFF', kind => 'future', tick_size => 0.25, multiplier => 5, expires_on => '2024-03-15', underlying => 'US:AAA', initial_margin => 0.1, maintenance_margin => 0.05);
        SELECT market.add_instrument('CALL', kind => 'option', multiplier => 10, expires_on => '2024-03-08', underlying => 'US:AAA', strike => 100, option_right => '\(random.pick(["call", "put"]))', initial_margin => 0.2, maintenance_margin => 0.1);

        """
    }
    script += """
      INSERT INTO trading.fee_schedules (name, valid_from, per_share, percent, maker_percent, minimum, maximum_percent, decimals)
      VALUES ('twin', '-infinity', 0.0035, 0.01, \(random.pick(["NULL", "0.002"])), 0.35, 1, \(random.pick(["2", "8"]))),
             ('twin', '2024-03-04', 0.005, 0.02, NULL, 0.5, NULL, 2), ('later', '2024-03-01', 0.01, 0, NULL, 0, NULL, 8);
      INSERT INTO trading.fee_components (name, valid_from, component, side, percent, decimals)
      VALUES ('twin', '-infinity', 'sec_fee', 'sell', 0.00278, 2), ('twin', '2024-03-04', 'stamp_duty', 'buy', 0.015, 0);
      INSERT INTO trading.fee_components (name, valid_from, component, percent, minimum, decimals, basis)
      VALUES ('twin', '-infinity', 'stt', 0.125, 0, 2, 'intrinsic'), ('twin', '2024-03-04', 'stt', 0.15, 1, 2, 'intrinsic'),
             ('twin', '2024-03-04', 'exchange', 0.01, 0, 8, 'settlement');
      INSERT INTO trading.fee_plans (name, kind, fee_schedule) VALUES ('mixed', 'etf', 'later'), ('mixed', NULL, 'twin');
      SELECT trading.create_portfolio(name => 'paid', capital => \(random.pick(["20000", "100000"])), fee_schedule => 'mixed', slippage_bps => 2, at => '2024-02-23 15:00Z',
                                      snapshot_interval => '\(random.pick(["1 day", "6 hours"]))');
      SELECT trading.create_portfolio(name => 'margin', capital => \(hasContracts ? "5000" : random.pick(["5000", "50000"])), account_type => 'margin', fee_schedule => '\(random.pick(["free", "twin"]))',
                                      at => '2024-02-23 15:00Z', time_zone => \(random.pick(["NULL", "'America/New_York'"])));
      UPDATE trading.portfolios SET owner = CASE name WHEN 'paid' THEN 'ann' ELSE 'bob' END;
      UPDATE trading.portfolios SET market_order_buffer = 0.0333 WHERE name = 'margin';
      SELECT strategy.create_strategy('one', 'trend', '1 day', '{"fast":2,"slow":4,"atr":3}', at => '2024-01-01');
      SELECT strategy.create_strategy('two', 'trend', '1 day', '{"fast":2,"slow":4,"atr":3}', at => '2024-01-01');
      SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
      SELECT strategy.create_agent(a.agent, a.portfolio, a.strategy, '{AAA}', at => '2024-02-23 15:00Z')
        FROM (VALUES (1, 'a', 'paid', 'one'), (2, 'b', 'paid', 'two'), (3, 'c', 'margin', 'one'), (4, 'd', 'margin', 'two')) AS a (place, agent, portfolio, strategy)
       ORDER BY a.place;
      SELECT market.add_split('AAA', '2024-03-06', 3, 2);
      SELECT market.add_bonus('BBB', '2024-03-07', 1, 4);
      SELECT market.add_split('CCC', '2024-03-08', 1, 7);
      SELECT market.add_dividend('AAA', 0.37, '2024-03-05');
      SELECT market.add_dividend('DDD', 1.2345, '2024-03-11');
      INSERT INTO trading.borrow_rates (instrument_id, valid_from, percent)
      SELECT market.instrument_id(r.symbol), r.valid_from, r.percent
        FROM (VALUES ('AAA', date '-infinity', 3.25), ('AAA', '2024-03-05', 0), ('AAA', '2024-03-07', \(hasContracts ? "45.12345678" : "900")), ('CCC', '2024-03-01', 10), ('DDD', '2024-02-20', 1.1)) AS r (symbol, valid_from, percent);

      """
    for _ in 0..<limits { script += limit(&random) }
    if limits > 1 {
      script += """
        INSERT INTO risk.limits (scope, scope_name, metric, bound, action, set_at)
        VALUES ('user', 'bob', 'open_orders', 4.5, 'reject', '2024-01-01') ON CONFLICT DO NOTHING;

        """
    }
    for _ in 0..<protections { script += protection(&random) }
    return script
  }

  private static let scopes = [
    "'system', NULL, NULL", "'system', NULL, NULL", "'user', NULL, 'ann'", "'user', NULL, 'bob'",
    "'portfolio', 1, NULL",
    "'portfolio', 2, NULL",
    "'strategy', 1, NULL", "'strategy', 2, NULL", "'agent', 1, NULL", "'agent', 3, NULL", "'instrument', 1, NULL",
    "'instrument', 3, NULL", "'sector', NULL, 'tech'",
  ]

  /// Bounds that are broken now and then.
  private static func limit(_ random: inout SeededGenerator) -> String {
    let (metric, bounds) = random.pick([
      ("restricted", ["1", "1", "0"]), ("market_hours", ["0", "500", "2000"]), ("quote_age", ["1000", "20000.5"]),
      ("price_collar", ["0.5", "2", "5"]), ("order_rate", ["2", "5", "12"]), ("open_orders", ["1", "2", "4.5"]),
      ("order_value", ["500", "5000.25"]), ("position_quantity", ["20", "150"]), ("position_value", ["2000", "20000"]),
      ("position_share", ["5", "30.125"]),
      ("sector_value", ["3000", "30000"]), ("sector_share", ["10", "60"]), ("gross_value", ["10000", "60000"]),
      ("gross_share", ["50", "180"]), ("net_value", ["8000", "40000"]), ("net_share", ["30", "90"]),
      ("open_positions", ["1", "2", "3"]), ("trade_risk", ["4", "25"]), ("portfolio_heat", ["20", "80"]),
      ("daily_loss", ["10", "200"]), ("daily_loss_share", ["0.05", "1"]), ("weekly_loss", ["25", "400"]),
      ("weekly_loss_share", ["0.1", "2.5"]), ("drawdown", ["0.2", "3"]),
    ])
    let period = metric == "order_rate" ? "'\(random.pick(["3 hours", "24 hours"]))'" : "NULL"
    return """
      INSERT INTO risk.limits (scope, scope_id, scope_name, instrument_id, metric, period, bound, action, set_at)
      VALUES (\(random.pick(scopes)), \(random.pick(["NULL", "NULL", "1", "2"])), '\(metric)', \(period), \(random.pick(bounds)),
              '\(random.pick(["warn", "warn", "reject", "reject", "reject", "reject", "reduce_only", random.chance(0.3) ? "halt" : "reject"]))', '2024-01-01') ON CONFLICT DO NOTHING;

      """
  }

  private static func protection(_ random: inout SeededGenerator) -> String {
    let terms = random.pick([
      "'cooldown', NULL, 1, NULL", "'stop_loss_guard', '2 days', 2, NULL", "'low_profit', '1 day 02:00', 2, -12.5",
      "'low_profit', '10 days', 4, 3",
    ])
    return """
      INSERT INTO risk.protections (scope, scope_id, scope_name, per, pause, kind, period, trades, least_profit, set_at)
      VALUES (\(random.pick(scopes)), '\(random.pick(["portfolio", "agent", "instrument"]))', '\(random.pick(["2 hours", "1 day"]))',
              \(terms), '2024-01-01') ON CONFLICT DO NOTHING;

      """
  }

  // MARK: Terms

  /// What the tables say, for books in memory.
  static func terms(
    _ connection: Connection, from begin: String = "2024-02-01T00:00:00Z", until end: String = "2024-06-01T00:00:00Z"
  ) async throws -> BooksTerms {
    let store = EngineStore(connection)
    let instruments = try await instruments(connection)
    return BooksTerms(
      portfolios: try await portfolios(store, instruments), instruments: instruments,
      agents: try await connection.query("SELECT agent_id, strategy_id FROM strategy.agents ORDER BY 1").map {
        BooksAgent(id: try $0[0].int32, strategy: try $0[1].int32)
      },
      calendars: try await calendars(store, Timestamp(begin), Timestamp(end)),
      candles: try await candles(store, Timestamp(begin), Timestamp(end)),
      actions: try await actions(store, instruments),
      limits: try await limits(connection), protections: try await protections(connection))
  }

  private static func instruments(_ connection: Connection) async throws -> [BooksInstrument] {
    try await connection.query(
      """
      SELECT i.instrument_id, i.symbol, i.tick_size, i.lot_size, i.multiplier, i.initial_margin, i.kind, i.exchange_id, i.currency, i.is_active,
             i.is_shortable, i.sector, i.expires_on - date '2000-01-01', i.underlying_id, i.strike, i.option_right, i.expires_on IS NOT NULL,
             ARRAY(SELECT greatest(b.valid_from, '1900-01-01') - date '2000-01-01' FROM trading.borrow_rates AS b WHERE b.instrument_id = i.instrument_id ORDER BY b.valid_from)::text,
             ARRAY(SELECT b.percent FROM trading.borrow_rates AS b WHERE b.instrument_id = i.instrument_id ORDER BY b.valid_from)::text
        FROM market.instruments AS i WHERE EXISTS (SELECT FROM unnest('{\(symbols.joined(separator: ","))}'::text[]) AS s WHERE s = i.symbol) ORDER BY 1
      """
    ).map { row in
      let right = try row[15].ifPresent?.string
      func list(_ column: Int) throws -> [String] {
        try row[column].string.dropFirst().dropLast().split(separator: ",").map(String.init)
      }
      let rates = try zip(list(17), list(18)).map { BorrowRate(validFrom: Int64($0)!, percent: try Ratio($1)) }
      return BooksInstrument(
        SessionInstrument(
          id: try row[0].int32, symbol: try row[1].string, tickSize: try row[2].price, lot: try row[3].quantity,
          multiplier: try row[4].ratio, initialMargin: try row[5].ratio, kind: InstrumentKind(sql: try row[6].string)!,
          exchange: try row[7].int32, last: nil),
        currency: try row[8].string, isActive: try row[9].bool, isShortable: try row[10].bool,
        sector: try row[11].ifPresent?.string,
        contract: try row[16].bool
          ? BooksContract(
            expiresOn: try row[12].ifPresent.map { Int64(try $0.int32) }, underlying: try row[13].ifPresent?.int32,
            strike: try row[14].ifPresent?.price, right: right.map { $0 == "call" ? .call : .put }) : nil,
        borrowRates: rates)
    }
  }

  private static func portfolios(
    _ store: EngineStore, _ instruments: [BooksInstrument]
  ) async throws -> [BooksPortfolio] {
    let ids = instruments.map(\.terms.id)
    let plans = try await store.feePlans([1, 2], for: ids)
    let intrinsic = try await store.feePlans([1, 2], for: ids, on: .intrinsic)
    let settlement = try await store.feePlans([1, 2], for: ids, on: .settlement)
    return try await store.connection.query(
      """
      SELECT p.portfolio_id, p.currency, p.account_type, v.cash, p.opened_at, p.fee_schedule, p.slippage_bps, p.market_order_buffer,
             (extract(epoch FROM p.snapshot_interval) * 1000000)::bigint, CASE WHEN p.time_zone IS NOT NULL THEN market.exchange_id('US') END,
             round(p.participation_percent / 100, 8), p.owner
        FROM trading.portfolios AS p JOIN trading.portfolio_values AS v USING (portfolio_id) ORDER BY 1
      """
    ).map { row in
      let name = try row[5].string
      return BooksPortfolio(
        id: try row[0].int32, owner: try row[11].string, currency: try row[1].string,
        accountType: BooksPortfolio.AccountType(sql: try row[2].string)!, capital: try row[3].money,
        openedAt: try row[4].time, feeSchedule: name, fees: plans[name] ?? FeePlan([:]),
        exerciseFees: ExerciseFees(
          onIntrinsicValue: intrinsic[name] ?? FeePlan([:]), onSettlementValue: settlement[name] ?? FeePlan([:])),
        slippageBasisPoints: try row[6].ratio, participation: try row[10].ifPresent?.ratio,
        marketOrderBuffer: try row[7].ratio, snapshotInterval: try row[8].int64,
        clock: try row[9].ifPresent?.int32)
    }
  }

  private static func calendars(
    _ store: EngineStore, _ begin: Timestamp, _ end: Timestamp
  ) async throws -> [ExchangeCalendar] {
    let exchanges = try await store.connection.query(
      """
      SELECT e.exchange_id, (extract(epoch FROM e.day_starts) * 1000000)::bigint FROM market.exchanges AS e
       WHERE EXISTS (SELECT FROM market.instruments AS i WHERE i.exchange_id = e.exchange_id) ORDER BY 1
      """)
    var calendars: [ExchangeCalendar] = []
    for row in exchanges {
      let rows = try await store.run([
        EngineStore.hours(
          of: try row[0].int32, from: begin, until: end)
      ])[0]
      var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
      var offsets: [(from: Timestamp, ahead: Int64)] = []
      for hours in rows {
        if let ahead = try hours[2].ifPresent?.int64 {
          offsets.append((try hours[0].time, ahead))
        } else {
          sessions.append((try hours[0].time, try hours[1].time))
        }
      }
      calendars.append(
        ExchangeCalendar(
          exchange: try row[0].int32, dayStarts: try row[1].int64, sessions: sessions, offsets: offsets))
    }
    return calendars
  }

  /// Day candles of each exchange.
  private static func candles(
    _ store: EngineStore, _ begin: Timestamp, _ end: Timestamp
  ) async throws -> [CandleSpans] {
    let exchanges = try await store.connection.query(
      "SELECT DISTINCT i.exchange_id FROM market.instruments AS i ORDER BY 1")
    var candles: [CandleSpans] = []
    for row in exchanges {
      let calendar = CandleCalendar(exchange: try row[0].int32, months: 0, days: 1)
      var spans: [CandleSpan] = []
      var at = begin
      while at < end {
        let span = try CandleSpan(try await store.run([EngineStore.candleSpan(of: calendar, at: at)])[0].only())
        spans.append(span)
        at = span.next
      }
      candles.append(CandleSpans(calendar: calendar, spans: spans))
    }
    return candles
  }

  private static func actions(_ store: EngineStore, _ instruments: [BooksInstrument]) async throws -> [BooksAction] {
    try await store.connection.query(
      """
      SELECT a.action_id, a.instrument_id, a.kind, a.ex_date - date '2000-01-01', market.day_start(i.exchange_id, a.ex_date), a.numerator, a.denominator, a.amount
        FROM market.corporate_actions AS a JOIN market.instruments AS i USING (instrument_id) ORDER BY 5, a.kind DESC, 1
      """
    ).map { row in
      let kind: BooksAction.Kind
      if let amount = try row[7].ifPresent?.money {
        kind = .dividend(amount)
      } else {
        let split = try StockSplit(numerator: row[5].ratio, denominator: row[6].ratio)
        kind = try row[2].string == "bonus" ? .bonus(split) : .split(split)
      }
      return BooksAction(
        id: try row[0].int32, instrument: try row[1].int32, kind: kind, exDay: Int64(try row[3].int32),
        effectiveAt: try row[4].time)
    }
  }

  // MARK: Rules

  private static func scope(_ row: Row) throws -> RiskScope {
    switch try row[0].string {
    case "system": .system
    case "user": .user(try row[2].string)
    case "portfolio": .portfolio(try row[1].int32)
    case "strategy": .strategy(try row[1].int32)
    case "agent": .agent(try row[1].int32)
    case "instrument": .instrument(try row[1].int32)
    default: .sector(try row[2].string)
    }
  }

  private static func limits(_ connection: Connection) async throws -> [RiskLimit] {
    try await connection.query(
      """
      SELECT scope, scope_id, scope_name, limit_id, instrument_id, metric, (extract(epoch FROM period) * 1000000)::bigint, bound, action
        FROM risk.limits ORDER BY limit_id
      """
    ).map { row in
      RiskLimit(
        id: try row[3].int32, scope: try scope(row), instrument: try row[4].ifPresent?.int32,
        metric: RiskMetric(sql: try row[5].string)!, period: try row[6].ifPresent?.int64, bound: try row[7].money,
        action: RiskAction(sql: try row[8].string)!)
    }
  }

  private static func protections(_ connection: Connection) async throws -> [LossProtection] {
    try await connection.query(
      """
      SELECT scope, scope_id, scope_name, protection_id, kind, per, (extract(epoch FROM pause) * 1000000)::bigint,
             coalesce(extract(epoch FROM period) * 1000000, 0)::bigint, coalesce(period::text, ''), trades, least_profit
        FROM risk.protections ORDER BY protection_id
      """
    ).map { row in
      let trades = Int(try row[9].int32)
      let kind: LossProtection.Kind =
        switch try row[4].string {
        case "cooldown": .cooldown
        case "stop_loss_guard": .stopLossGuard(trades: trades)
        default: .lowProfit(trades: trades, least: try row[10].money)
        }
      return LossProtection(
        id: try row[3].int32, kind: kind, per: LossProtection.Protected(sql: try row[5].string)!, scope: try scope(row),
        pause: try row[6].int64, period: try row[7].int64, periodWords: try row[8].string)
    }
  }
}
