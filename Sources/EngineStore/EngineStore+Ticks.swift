import LibPQ
import TradingCore

extension EngineStore {
  /// Where reading stands in the stored ticks of an instrument: behind the tick with this time and seq.
  package struct TickPosition: Sendable, Comparable {
    package let instrument: Int32
    package var time: Int64
    package var sequence: Int32

    package init(instrument: Int32, time: Int64, sequence: Int32) {
      self.instrument = instrument
      self.time = time
      self.sequence = sequence
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.time, left.sequence) < (right.time, right.sequence)
    }
  }

  /// The next stored ticks of these instruments, in order of time; ticks that the feed doubts are left out.
  package nonisolated(nonsending) func storedTicks(
    after positions: [TickPosition], until: Timestamp?, limit: Int
  ) async throws -> [Tick] {
    try await connection.execute(
      """
      SELECT t.instrument_id, t.ts, t.price, t.size, t.seq
        FROM unnest($1::int[], $2::timestamptz[], $3::int[]) WITH ORDINALITY AS p (instrument_id, ts, seq, place)
        CROSS JOIN LATERAL (
          SELECT n.* FROM market.ticks AS n
           WHERE n.instrument_id = p.instrument_id AND n.ts >= p.ts AND (n.ts, n.seq) > (p.ts, p.seq)
             AND n.ts < coalesce($4::timestamptz, 'infinity') AND NOT n.suspicious
           ORDER BY n.ts, n.seq LIMIT $5) AS t
       ORDER BY t.ts, p.place, t.seq LIMIT $5
      """,
      [
        .int4s(positions.map(\.instrument)), .timestamptzs(positions.map(\.time)), .int4s(positions.map(\.sequence)),
        .timestamptz(until?.microseconds), .int8(Int64(limit)),
      ], format: .binary
    ).map(Tick.init)
  }

  /// The stored ticks of an instrument from one time to another, in order, for the warm-up of an agent.
  package nonisolated(nonsending) func forEachTick(
    of instrument: Int32, from: Timestamp, until: Timestamp, _ body: (Tick) -> Void
  ) async throws {
    try await connection.forEachRow(
      """
      SELECT t.instrument_id, t.ts, t.price, t.size, t.seq FROM market.ticks AS t
       WHERE t.instrument_id = $1 AND t.ts >= $2 AND t.ts < $3 AND NOT t.suspicious ORDER BY t.ts, t.seq
      """,
      [.int4(instrument), .timestamptz(from.microseconds), .timestamptz(until.microseconds)], format: .binary
    ) { row in
      body(try Tick(row))
      return .next
    }
  }

  /// Where a reader begins that follows the ticks of an instrument as they come.
  package struct FollowingStart: Sendable {
    /// Behind the latest tick that is not newer than the first of the open orders; behind the latest when none is open.
    package let position: TickPosition
    /// Nobody holds the instrument and no agent watches it: what was stored before the orders concerns nobody.
    package let passesOver: Bool
  }

  package nonisolated(nonsending) func followingStarts(
    _ portfolios: [Int32], _ instruments: [Int32]
  ) async throws -> [FollowingStart] {
    try await connection.execute(
      """
      SELECT n.instrument_id, t.ts, coalesce(t.seq, -1), o.since IS NOT NULL
             AND NOT EXISTS (SELECT FROM strategy.agent_instruments AS a
                              WHERE a.portfolio_id = ANY ($1) AND a.instrument_id = n.instrument_id)
             AND NOT EXISTS (SELECT FROM trading.positions AS p
                              WHERE p.portfolio_id = ANY ($1) AND p.instrument_id = n.instrument_id AND p.quantity <> 0)
        FROM unnest($2::int[]) WITH ORDINALITY AS n (instrument_id, place)
        CROSS JOIN LATERAL (SELECT min(x.submitted_at) AS since FROM trading.orders AS x
                             WHERE x.portfolio_id = ANY ($1) AND x.instrument_id = n.instrument_id AND x.closed_at IS NULL) AS o
        LEFT JOIN LATERAL (SELECT x.ts, x.seq FROM market.ticks AS x
                            WHERE x.instrument_id = n.instrument_id AND x.ts <= coalesce(o.since, 'infinity')
                            ORDER BY x.ts DESC, x.seq DESC LIMIT 1) AS t ON true
       ORDER BY n.place
      """, [.int4s(portfolios), .int4s(instruments)], format: .binary
    ).map { row in
      FollowingStart(
        position: TickPosition(
          instrument: try row[0].int32, time: try row[1].ifPresent?.timestamp ?? Timestamp.earliest.microseconds,
          sequence: try row[2].int32),
        passesOver: try row[3].bool)
    }
  }

  /// Begins a binary COPY of ticks, straight into the table or into the session's staging table.
  package nonisolated(nonsending) func copyTicks(columns: String, staged: Bool) async throws -> CopyIn {
    if staged {
      try await connection.script(
        """
        CREATE TEMPORARY TABLE IF NOT EXISTS staged_ticks (LIKE market.ticks) ON COMMIT DELETE ROWS;
        TRUNCATE pg_temp.staged_ticks
        """)
    }
    return try await connection.copyIn(
      "COPY \(staged ? "pg_temp.staged_ticks" : "market.ticks") (\(columns)) FROM STDIN (FORMAT binary)")
  }

  /// Moves staged ticks that are not stored yet into the table.
  package nonisolated(nonsending) func mergeStagedTicks(columns: String) async throws {
    try await connection.execute(
      """
      INSERT INTO market.ticks (\(columns)) SELECT \(columns) FROM pg_temp.staged_ticks
      ON CONFLICT ON CONSTRAINT ticks_pkey DO NOTHING
      """)
  }

  /// Makes the daily partitions that these times need.
  package nonisolated(nonsending) func ensureTickPartitions(from: Timestamp, until: Timestamp) async throws {
    try await connection.execute(
      """
      SELECT market.ensure_tick_partitions(
        ($1::timestamptz AT TIME ZONE 'UTC')::date, ($2::timestamptz AT TIME ZONE 'UTC')::date)
      """, [.timestamptz(from.microseconds), .timestamptz(until.microseconds)])
  }
}

extension Tick {
  /// From the columns instrument_id, ts, price, size, seq.
  fileprivate init(_ row: Row) throws {
    self.init(
      instrument: try row[0].int32, time: try row[1].time, price: try row[2].double, size: try row[3].double,
      sequence: try row[4].int64)
  }
}

extension EngineStore {
  package struct Listing: Sendable {
    package let instrument: Int32
    /// IANA time zone of its exchange.
    package let timeZone: String
  }

  /// The instruments of these symbols; unknown ones are added to the exchange.
  package nonisolated(nonsending) func listings(
    of symbols: [String], exchange: String?
  ) async throws -> [String: Listing] {
    let rows = try await connection.execute(
      "SELECT e.symbol, e.instrument_id, e.time_zone FROM market.ensure_instruments($1, $2) AS e",
      [.texts(symbols), .text(exchange)])
    return Dictionary(uniqueKeysWithValues: try rows.map(Self.listing))
  }

  /// All instruments (of an exchange) whose symbols name them without doubt.
  package nonisolated(nonsending) func listings(exchange: String?) async throws -> [String: Listing] {
    let rows = try await connection.execute(
      """
      SELECT i.symbol, min(i.instrument_id), min(e.time_zone)
        FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
       WHERE $1::text IS NULL OR e.code = upper($1) GROUP BY i.symbol HAVING count(*) = 1
      """, [.text(exchange)])
    return Dictionary(uniqueKeysWithValues: try rows.map(Self.listing))
  }

  private static func listing(_ row: Row) throws -> (String, Listing) {
    (try row[0].string, Listing(instrument: try row[1].int32, timeZone: try row[2].string))
  }
}
