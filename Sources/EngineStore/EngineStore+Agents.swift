import LibPQ
import TradingCore

/// What agents' rules look at beside their own candles.
extension EngineStore {
  /// The instruments that symbols name; those that name none, or several, are left out.
  nonisolated(nonsending) func identifiers(of symbols: [String]) async throws -> [String: Int32] {
    if symbols.isEmpty { return [:] }
    let rows = try await connection.execute(
      """
      SELECT n.symbol, market.find_instrument(n.symbol)
        FROM (SELECT DISTINCT u.symbol FROM unnest($1::text[]) AS u (symbol)) AS n
      """, [.texts(symbols)])
    var identifiers: [String: Int32] = [:]
    for row in rows { identifiers[try row[0].string] = try row[1].ifPresent?.int32 }
    return identifiers
  }

  /// Where the candles of exchanges begin.
  nonisolated(nonsending) func candleGrids(of exchanges: [Int32]) async throws -> [CandleGrid] {
    let rows = try await connection.execute(
      """
      SELECT e.exchange_id, e.hour_offset,
             (extract(epoch FROM (date '2000-01-01' + e.grid_starts) AT TIME ZONE e.time_zone
                                 - timestamptz '2000-01-01Z') * 1000000)::bigint
        FROM market.exchanges AS e WHERE e.exchange_id = ANY ($1)
      """, [.int4s(exchanges)])
    return try rows.map { row in
      CandleGrid(
        exchange: try row[0].int32, hour: Int64(try row[1].int32) * MinuteFold.minute, opening: try row[2].int64)
    }
  }

  /// When an exchange has its sessions from four weeks before a time to two weeks after another, and what its clock says between.
  static func hours(of exchange: Int32, from: Timestamp, until: Timestamp) -> Request {
    Request(
      """
      WITH e AS (SELECT x.exchange_id, x.time_zone FROM market.exchanges AS x WHERE x.exchange_id = $1),
      clock AS (
        SELECT t.at, (extract(epoch FROM (t.at AT TIME ZONE e.time_zone) - (t.at AT TIME ZONE 'UTC')) * 1000000)::bigint AS ahead
          FROM e CROSS JOIN generate_series(date_trunc('hour', $2::timestamptz), $3::timestamptz, interval '1 hour') AS t (at)
      )
      SELECT b.opens_at, b.closes_at, NULL::bigint AS ahead
        FROM e
        CROSS JOIN generate_series(($2 AT TIME ZONE e.time_zone)::date - 29, ($3 AT TIME ZONE e.time_zone)::date + 15,
                                   interval '1 day') AS d (day)
        CROSS JOIN LATERAL market.session_bounds(e.exchange_id, d.day::date) AS b
      UNION ALL
      SELECT c.at, NULL, c.ahead
        FROM (SELECT k.*, lag(k.ahead) OVER (ORDER BY k.at) AS before FROM clock AS k) AS c
       WHERE c.ahead IS DISTINCT FROM c.before
       ORDER BY 1
      """, [.int4(exchange), .timestamptz(from.microseconds), .timestamptz(until.microseconds)])
  }

  /// The clock and the sessions of an exchange from one time to another.
  nonisolated(nonsending) func hours(
    of exchange: Int32, from: Timestamp, until: Timestamp
  ) async throws -> SessionHours {
    try SessionHours(
      exchange: exchange, until: until, try await run([Self.hours(of: exchange, from: from, until: until)])[0])
  }

  /// The last stored ticks of an instrument before a time, oldest first.
  nonisolated(nonsending) func lastTicks(
    of instrument: Int32, before: Timestamp, count: Int
  ) async throws -> [Tick] {
    try await connection.execute(
      """
      SELECT x.* FROM (
        SELECT t.instrument_id, t.ts, t.price, t.size, t.seq FROM market.ticks AS t
         WHERE t.instrument_id = $1 AND t.ts < $2 AND NOT t.suspicious ORDER BY t.ts DESC, t.seq DESC LIMIT $3) AS x
       ORDER BY x.ts, x.seq
      """, [.int4(instrument), .timestamptz(before.microseconds), .int8(Int64(count))], format: .binary
    ).map { try Tick($0) }
  }

  /// When the first kept candle of a minute of an instrument begins; nil when there is none.
  nonisolated(nonsending) func firstCandle(of instrument: Int32) async throws -> Timestamp? {
    try await connection.execute(
      "SELECT min(c.bucket) FROM market.candles_1m AS c WHERE c.instrument_id = $1", [.int4(instrument)]
    ).only()[0].ifPresent?.time
  }

  static func handle(_ handled: [(signal: OutsideSignal, number: Int64?, at: Timestamp)]) -> Request {
    Request(
      "SELECT strategy.handle_external_signals($1, $2, $3, $4)",
      [
        .int4s(handled.map(\.signal.portfolio)), .int8s(handled.map(\.signal.id)),
        .timestamptzs(handled.map(\.at.microseconds)), .int8s(handled.map(\.number)),
      ])
  }

  /// Journals that agents were shown the past anew.
  package static func recordWarmUps(_ agents: [SessionLoader.WarmedUp], at: Timestamp?) -> Request {
    Request(
      "SELECT strategy.record_warm_ups($1, $2, $3, $4, coalesce($5, now()))",
      [
        .int4s(agents.map(\.portfolio)), .int4s(agents.map(\.agent)), .int4s(agents.map(\.instrument)),
        .texts(agents.map(\.reason)), .timestamptz(at?.microseconds),
      ])
  }
}

extension SessionHours {
  /// From rows of ``EngineStore/hours(of:from:until:)``.
  init(exchange: Int32, until: Timestamp, _ rows: Rows) throws {
    var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
    var offsets: [(from: Timestamp, ahead: Int64)] = []
    for row in rows {
      if let ahead = try row[2].ifPresent?.int64 {
        offsets.append((try row[0].time, ahead))
      } else {
        sessions.append((try row[0].time, try row[1].time))
      }
    }
    self.init(exchange: exchange, until: until, sessions: sessions, offsets: offsets)
  }
}

extension SessionLoader {
  /// The predictions that agents' rules may look at from a time on: of models of their portfolio's owner, else of the house.
  nonisolated(nonsending) func predictions(
    for agents: [SessionAgent], at time: Timestamp?
  ) async throws -> [SessionPrediction] {
    var owners: [Int32] = []
    var models: [String] = []
    var instruments: [Int32] = []
    var from: [Int64?] = []
    for agent in agents {
      for key in agent.memory?.program.predictions ?? [] {
        owners.append(agent.portfolio)
        models.append(key.model)
        instruments.append(agent.instrument)
        from.append(time.map { Timestamp.clamping($0.microseconds - key.maximumAge.microseconds).microseconds })
      }
    }
    if models.isEmpty { return [] }
    return try await store.connection.execute(
      """
      WITH wanted AS (
        SELECT u.portfolio_id, u.model, u.instrument_id, min(coalesce(u.since, '-infinity')) AS since
          FROM unnest($1::int[], $2::text[], $3::int[], $4::timestamptz[]) AS u (portfolio_id, model, instrument_id, since)
         GROUP BY 1, 2, 3
      ), chosen AS (
        SELECT m.owner, m.model_id, CASE WHEN m.owner IS NOT NULL THEN w.portfolio_id END AS portfolio_id, w.model,
               w.instrument_id, min(w.since) AS since
          FROM wanted AS w
          JOIN trading.portfolios AS o USING (portfolio_id)
          CROSS JOIN LATERAL (SELECT m.model_id, m.owner FROM research.models AS m
                               WHERE m.name = w.model AND (m.owner = o.owner OR m.owner IS NULL)
                               ORDER BY m.owner LIMIT 1) AS m
         GROUP BY 1, 2, 3, 4, 5
      )
      SELECT c.portfolio_id, c.model, c.instrument_id, p.at, p.value
        FROM chosen AS c JOIN research.predictions AS p USING (model_id, instrument_id)
       WHERE p.at >= c.since
      UNION ALL
      -- A model of the owner's own stands before the house's, also while it says nothing.
      SELECT c.portfolio_id, c.model, c.instrument_id, '2000-01-01Z', 'NaN' FROM chosen AS c WHERE c.owner IS NOT NULL
       ORDER BY 4
      """, [.int4s(owners), .texts(models), .int4s(instruments), .timestamptzs(from)]
    ).map { row in
      SessionPrediction(
        portfolio: try row[0].ifPresent?.int32, model: try row[1].string, instrument: try row[2].int32,
        at: try row[3].time, value: try row[4].double)
    }
  }

  /// What outside programs want of agents, as long as nothing has come of it.
  nonisolated(nonsending) func inbox() async throws -> [OutsideSignal] {
    try await store.connection.execute(
      """
      SELECT s.external_signal_id, s.portfolio_id, s.agent_id, s.instrument_id, s.action FROM strategy.external_signals AS s
       WHERE s.portfolio_id = ANY ($1) AND s.handled_at IS NULL ORDER BY s.external_signal_id LIMIT 10000
      """, [.int4s(portfolios)]
    ).map { row in
      guard let action = Signal.Action(sql: try row[4].string) else {
        throw StoreError("an unknown action of a signal")
      }
      return OutsideSignal(
        id: try row[0].int64, portfolio: try row[1].int32, agent: try row[2].int32, instrument: try row[3].int32,
        action: action)
    }
  }
}
