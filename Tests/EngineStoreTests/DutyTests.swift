import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

@Suite(.needsServer, .commonTimeLimit)
struct DutyTests {
  private static let day: Int64 = 86_400_000_000
  /// Ten shares and two futures, bought before the first bar.
  private static let setup = """
    SELECT market.add_instrument(symbol => 'AAA'),
           market.add_instrument(symbol => 'FUT', kind => 'future', expires_on => '2013-02-06', multiplier => 10, initial_margin => 0.1, maintenance_margin => 0.1);
    SELECT trading.create_portfolio(name => 'main', capital => 100000, account_type => 'margin', at => '2013-01-01');
    SELECT market.upsert_quotes('{1,2}', '{2013-02-01 14:00Z,2013-02-01 14:00Z}', '{100,100}', '{NULL,NULL}');
    SELECT trading.submit_order('main', 'AAA', 'buy', 10, type => 'limit', limit_price => 100, client_order_id => 'a', at => '2013-02-01 14:00Z'),
           trading.submit_order('main', 'FUT', 'buy', 2, type => 'limit', limit_price => 100, client_order_id => 'f', at => '2013-02-01 14:00Z');
    SELECT trading.record_fill('main', 10, 100, 'a', client_order_id => 'a', at => '2013-02-01 14:00Z'),
           trading.record_fill('main', 2, 100, 'f', client_order_id => 'f', at => '2013-02-01 14:00Z');
    SELECT trading.submit_order('main', 'FUT', 'buy', 1, type => 'limit', limit_price => 1, time_in_force => 'gtc', client_order_id => 'rest', at => '2013-02-01 14:00Z');
    SELECT market.add_dividend('AAA', 1.5, '2013-02-05'), market.add_split('AAA', '2013-02-05', 2);
    """
  /// Trading days after the first.
  private static let days = [0, 3, 4, 5, 6]

  private func bars(_ day: Int) throws -> [BarEvent] {
    try [Int32(1), 2].map { instrument in
      let close = (instrument == 1 && day > 3 ? 50 : 100) + Double(day)
      let opensAt = try Timestamp("2013-02-01T14:30:00Z").advanced(byMicroseconds: Int64(day) * Self.day)
      return BarEvent(
        instrument: instrument, opensAt: opensAt, closesAt: try opensAt.advanced(byMicroseconds: 6 * 3_600_000_000),
        bar: Bar(bucket: opensAt, open: close, high: close, low: close, close: close, volume: 1_000),
        isOfDays: true)
    }
  }

  private func load(_ store: EngineStore, _ time: Timestamp?) async throws -> TradingSession {
    let loader = SessionLoader(store: store, portfolios: [1], barResolution: Self.day)
    let first = try bars(0)[0].opensAt
    return try await loader.load(
      instruments: loader.instruments(), time: time ?? first, splitsAfter: time ?? first, past: nil
    ).session
  }

  private func show(_ session: inout TradingSession, _ day: Int, _ connection: Connection) async throws {
    let store = EngineStore(connection)
    let clocks = try await store.clocks(of: [1])
    var next = session
    try await connection.transaction { _ in
      var sessionStore = SessionStore(store, portfolios: [1], clocks: clocks)
      next.begin(try self.bars(day))
      try await sessionStore.settle(&next)
      _ = try await sessionStore.finish([EngineStore.upsertQuotes(next.takePrices())])
    }
    session = next
  }

  private func text(_ connection: Connection, _ sql: String) async throws -> String {
    try await connection.query(sql).only()[0].string
  }

  @Test(arguments: [false, true])
  func dividendsArePaidAndDaysSettled(isReloaded: Bool) async throws {
    try await TestDatabase.withSchema(Self.setup) { _, connection in
      var session = try await load(EngineStore(connection), nil)
      for day in Self.days {
        if isReloaded { session = try await load(EngineStore(connection), session.time) }
        try await show(&session, day, connection)
      }
      #expect(
        try await text(
          connection,
          """
          SELECT string_agg(concat_ws(' ', s.day, s.kind, trim_scale(s.price), trim_scale(s.realised_pnl)), ', ' ORDER BY s.day)
            FROM trading.settlements AS s
          """)
          == "2013-02-01 daily 100 0, 2013-02-04 daily 103 60, 2013-02-05 daily 104 20, 2013-02-06 final 105 20")
      #expect(
        try await text(
          connection,
          "SELECT string_agg(concat_ws(' ', trim_scale(d.quantity), trim_scale(d.amount), d.at AT TIME ZONE 'UTC'), ', ') FROM trading.dividends AS d"
        ) == "10 15 2013-02-05 05:00:00")
      #expect(
        try await text(
          connection,
          "SELECT concat_ws(' ', o.status, o.reason_code) FROM trading.orders AS o WHERE o.client_order_id = 'rest'")
          == "expired TR233")
      #expect(session.lanes.map(\.openOrders) == [0, 0])
      #expect(session.lanes.map { $0.held[0].quantity } == [try Quantity("20"), .zero])
      // Announced when it is over: the next load tells of it, the next event pays it.
      _ = try await connection.query("SELECT market.add_dividend('AAA', 2, '2013-02-04')")
      session = try await load(EngineStore(connection), session.time)
      try await show(&session, 7, connection)
      #expect(
        try await text(
          connection,
          "SELECT concat_ws(' ', trim_scale(sum(d.quantity)), trim_scale(sum(d.amount))) FROM trading.dividends AS d")
          == "20 35")
      #expect(try await text(connection, "SELECT count(*) FROM ops.check_invariants()") == "0")
      #expect(session.portfolios[0].account.cash == (try Money("99135")))
    }
  }

  /// Half a share is no order: the books end it, and the paper exchange forgets it.
  @Test func anOrderThatASplitEndsIsForgotten() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT trading.create_portfolio(name => 'main', capital => 100000, at => '2013-01-01');
      SELECT market.upsert_quotes('{1}', '{2013-02-01 14:00Z}', '{100}', '{NULL}');
      SELECT trading.submit_order('main', 'AAA', 'buy', q, type => 'limit', limit_price => 1, time_in_force => 'gtc', at => '2013-02-01 14:00Z')
        FROM unnest('{5,20}'::int[]) AS q;
      SELECT market.add_split('AAA', '2013-02-05', 1, 10);
      """
    ) { _, connection in
      var session = try await load(EngineStore(connection), nil)
      try await show(&session, 0, connection)
      #expect(session.lanes.map(\.openOrders) == [2])
      try await show(&session, 4, connection)
      #expect(session.lanes.map(\.openOrders) == [1])
      #expect(
        try await text(
          connection,
          "SELECT string_agg(concat_ws(' ', o.status, o.reason_code, trim_scale(o.reserved)), ', ' ORDER BY o.order_id) FROM trading.orders AS o"
        ) == "cancelled TR201 0, working 20")
    }
  }
}
