import LibPQ
import TradingCore

extension EngineStore {
  /// Where reading stands in the stored ticks of an instrument: behind the tick with this time and seq.
  package struct TickPosition: Sendable, Comparable {
    package let instrument: Int32
    package var time: Int64
    package var sequence: Int64

    package init(instrument: Int32, time: Int64, sequence: Int64) {
      self.instrument = instrument
      self.time = time
      self.sequence = sequence
    }

    package static func < (left: Self, right: Self) -> Bool {
      (left.time, left.sequence) < (right.time, right.sequence)
    }
  }

  /// The next stored ticks of these instruments, in order of time; suspicious ones are left out.
  package nonisolated(nonsending) func storedTicks(
    after positions: [TickPosition], until: Timestamp?, limit: Int
  ) async throws -> [Tick] {
    try await connection.execute(
      """
      SELECT t.instrument_id, t.ts, t.price, t.size, t.seq
        FROM market.next_ticks($1, $2, $3, coalesce($4::timestamptz, 'infinity'), $5) AS t
      """,
      [
        .int4s(positions.map(\.instrument)), .timestamptzs(positions.map(\.time)), .int8s(positions.map(\.sequence)),
        .timestamptz(until?.microseconds), .int4(Int32(limit)),
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
        LEFT JOIN LATERAL market.last_tick(n.instrument_id, coalesce(o.since, 'infinity')) AS t ON true
       ORDER BY n.place
      """, [.int4s(portfolios), .int4s(instruments)], format: .binary
    ).map { row in
      FollowingStart(
        position: TickPosition(
          instrument: try row[0].int32, time: try row[1].ifPresent?.timestamp ?? Timestamp.earliest.microseconds,
          sequence: try row[2].int64),
        passesOver: try row[3].bool)
    }
  }

  /// Where ticks of a day are copied to.
  package struct TickTarget: Sendable {
    package let table: String
    /// A chunk of a hypertable: no key keeps ticks apart there, and sorted ones go straight into the columnstore.
    package let isChunk: Bool
  }

  /// The tables that ticks of these UTC days (since 2000-01-01) are copied into, made where they are missing.
  package nonisolated(nonsending) func tickTargets(days: [Int64]) async throws -> [TickTarget] {
    let days = Value.int8s(days)
    return try await connection.execute(
      """
      SELECT market.tick_target(d.day), market.storage_tier() = 'timescaledb'
        FROM (SELECT date '2000-01-01' + n::int AS day, place FROM unnest($1::bigint[]) WITH ORDINALITY AS u (n, place)) AS d
        CROSS JOIN LATERAL market.ensure_tick_partitions(d.day, d.day) AS made
       WHERE made >= 0 ORDER BY d.place
      """, [days]
    ).map { TickTarget(table: try $0[0].string, isChunk: try $0[1].bool) }
  }

  /// Makes partitions of ticks ahead, and drops or archives the oldest ones of at most so many days that are kept no longer.
  /// Gives up with `lockNotAvailable` when the tables are not to be had at once: whoever stores ticks would wait behind it.
  /// - Returns: how many partitions are gone.
  package nonisolated(nonsending) func applyTickRetention(days: Int) async throws -> Int {
    try await connection.transaction { connection in
      try await connection.script("SET LOCAL lock_timeout = '200ms'")
      return try await connection.execute(
        "SELECT r.gone FROM market.apply_tick_retention(max_days => $1) AS r", [.int4(Int32(clamping: days))]
      ).only()[0].int
    }
  }

  /// The first and the last of some ticks of an instrument, in the order of time and sequence.
  package struct TickSpan: Sendable {
    package var first: Tick
    package var last: Tick

    package init(first: Tick, last: Tick) {
      self.first = first
      self.last = last
    }
  }

  /// Lets the COPYs of a transaction go into the columnstore. Each batch is sorted as that wants it; whether it follows the one
  /// before, the server finds out later.
  package static let directCompression = """
    SET LOCAL timescaledb.enable_direct_compress_copy = on; SET LOCAL timescaledb.enable_direct_compress_copy_sort_batches = off
    """

  /// When ticks have been copied into chunks, or are about to be: keeps others who store ticks of these instruments waiting
  /// until the transaction ends.
  /// - Returns: whether some of them may have been stored before.
  package nonisolated(nonsending) func claimTicks(_ spans: [TickSpan]) async throws -> Bool {
    try await connection.execute(
      "SELECT market.claim_ticks($1, $2, $3, $4, $5)",
      [
        .int4s(spans.map(\.first.instrument)), .timestamptzs(spans.map(\.first.time.microseconds)),
        .int8s(spans.map(\.first.sequence)),
        .timestamptzs(spans.map(\.last.time.microseconds)), .int8s(spans.map(\.last.sequence)),
      ]
    ).only()[0].bool
  }

  package static let stagingTable = "pg_temp.staged_ticks"

  /// Makes the session's table for ticks some of which may be stored already; each transaction finds it empty.
  package nonisolated(nonsending) func makeStagingTable() async throws {
    try await connection.script(
      "CREATE TEMPORARY TABLE IF NOT EXISTS staged_ticks (LIKE market.ticks INCLUDING DEFAULTS) ON COMMIT DELETE ROWS")
  }

  /// Begins a binary COPY of ticks.
  /// - Parameters:
  ///   - target: one of ``tickTargets(days:)``, or ``stagingTable``.
  ///   - script: statements that are sent along before it.
  package nonisolated(nonsending) func copyTicks(
    columns: String, into target: String, after script: String = ""
  ) async throws -> CopyIn {
    try await connection.copyIn(
      "\(script.isEmpty ? "" : script + "; ")COPY \(target) (\(columns)) FROM STDIN (FORMAT binary)")
  }

  /// Moves staged ticks that are not stored yet into the table, whose trigger adds them to the candles.
  /// - Parameter isHypertable: it has no key, and these instruments were claimed.
  package nonisolated(nonsending) func mergeStagedTicks(columns: String, isHypertable: Bool) async throws {
    try await connection.execute(
      isHypertable
        ? Self.insertUnknownTicks(columns: columns, from: "pg_temp.staged_ticks")
        : """
        INSERT INTO market.ticks (\(columns)) SELECT \(columns) FROM pg_temp.staged_ticks
        ON CONFLICT ON CONSTRAINT ticks_pkey DO NOTHING
        """)
  }

  /// Inserts rows whose (instrument, time, sequence) is not in the hypertable, once each.
  static func insertUnknownTicks(columns: String, from source: String) -> String {
    """
    INSERT INTO market.ticks (\(columns))
    SELECT \(columns) FROM (SELECT DISTINCT ON (s.instrument_id, s.ts, s.seq) s.* FROM \(source) AS s ORDER BY s.instrument_id, s.ts, s.seq) AS n
     WHERE NOT EXISTS (SELECT FROM market.ticks AS k
                        WHERE (k.instrument_id, k.ts, k.seq) = (n.instrument_id, n.ts, n.seq)
                          AND k.ts BETWEEN (SELECT min(s.ts) FROM \(source) AS s) AND (SELECT max(s.ts) FROM \(source) AS s))
     ORDER BY n.instrument_id, n.ts, n.seq
    """
  }

  /// Adds what a batch of new ticks makes of candles.
  package static func addCandles(_ parts: [MinuteFold.Part]) -> Request {
    Request(
      "SELECT market.add_candles($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
      [
        .int4s(parts.map(\.instrument)), .timestamptzs(parts.map(\.bucket)),
        .float8s(parts.map(\.summary.first.price)), .float8s(parts.map(\.summary.high)),
        .float8s(parts.map(\.summary.low)), .float8s(parts.map(\.summary.last.price)),
        .float8s(parts.map(\.summary.volume)), .float8s(parts.map(\.summary.turnover)),
        .timestamptzs(parts.map(\.summary.first.time)), .timestamptzs(parts.map(\.summary.last.time)),
        .int8s(parts.map(\.summary.first.sequence)), .int8s(parts.map(\.summary.last.sequence)),
        .int4s(parts.map { Int32($0.summary.ticks) }),
      ])
  }

  /// Event time after the end of a candle before it counts as closed, in microseconds.
  package nonisolated(nonsending) func candleGrace() async throws -> Int64 {
    try await connection.execute(
      "SELECT (extract(epoch FROM s.grace) * 1000000)::bigint FROM market.candle_settings AS s"
    ).only()[0].int64
  }

  /// Instruments whose candles were closed together with the latest of these: the same feed brings them.
  package nonisolated(nonsending) func instrumentsClosed(with instruments: [Int32]) async throws -> [Int32] {
    try await connection.execute(
      """
      SELECT m.instrument_id FROM market.candle_marks AS m
       WHERE m.closed_until = (SELECT max(x.closed_until) FROM market.candle_marks AS x WHERE x.instrument_id = ANY ($1))
      """, [.int4s(instruments)]
    ).map { try $0[0].int32 }
  }

  /// Event time has come to `time`: journals candles of these instruments that are over.
  package static func closeCandles(_ instruments: [Int32], at time: Timestamp) -> Request {
    Request("SELECT market.close_candles($1, $2)", [.int4s(instruments), .timestamptz(time.microseconds)])
  }

  /// A tick that a feed did not accept, as far as it could be read.
  package struct RejectedTick: Sendable {
    /// Spelled as market.tick_rejection.
    package var reason: String
    package var instrument: Int32?
    package var symbol: String?
    package var time: Timestamp?
    package var price: Double?
    package var size: Double?
    package var sequence: Int64?
    package var detail: String?

    package init(reason: String, detail: String? = nil) {
      self.reason = reason
      self.detail = detail
    }
  }

  package static func rejectTicks(_ ticks: [RejectedTick], feed: String) -> Request {
    Request(
      "SELECT market.reject_ticks($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      [
        .text(feed), .texts(ticks.map(\.reason)), .int4s(ticks.map(\.instrument)), .texts(ticks.map(\.symbol)),
        .timestamptzs(ticks.map { $0.time?.microseconds }), .float8s(ticks.map(\.price)), .float8s(ticks.map(\.size)),
        .int8s(ticks.map(\.sequence)), .texts(ticks.map(\.detail)),
      ])
  }
}

extension Tick {
  /// From the columns instrument_id, ts, price, size, seq.
  init(_ row: Row) throws {
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
    /// A price this many times above or below those before it is a jump; nil when none is.
    package let collar: Double?
    /// Sale conditions that make a tick suspicious.
    package let suspiciousConditions: Set<String>
    /// Ticks before are not wanted any more.
    package let earliest: Timestamp
  }

  private static let listingColumns = """
    i.instrument_id, e.time_zone, coalesce(i.price_collar, e.price_collar)::float8,
    (SELECT string_agg(c.sale_condition, E'\\x1f') FROM market.sale_conditions AS c
      WHERE c.exchange_id = i.exchange_id AND c.is_suspicious),
    (SELECT p.dropped_before FROM market.tick_policy AS p)
    """

  /// The instruments of these symbols, `SYMBOL` or `EXCHANGE:SYMBOL`; unknown ones are added to the exchange.
  package nonisolated(nonsending) func listings(
    of symbols: [String], exchange: String?
  ) async throws -> [String: Listing] {
    // A statement does not see what it adds itself.
    let known = try await connection.execute(
      "SELECT n.symbol, n.instrument_id FROM market.ensure_instruments($1, $2) AS n",
      [.texts(symbols), .text(exchange)])
    let rows = try await connection.execute(
      """
      SELECT n.symbol, \(Self.listingColumns)
        FROM unnest($1::text[], $2::int[]) AS n (symbol, instrument_id)
        JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
      """, [.texts(try known.map { try $0[0].string }), .int4s(try known.map { try $0[1].int32 })])
    return Dictionary(uniqueKeysWithValues: try rows.map(Self.listing))
  }

  /// All instruments (of an exchange) whose symbols name them without doubt.
  package nonisolated(nonsending) func listings(exchange: String?) async throws -> [String: Listing] {
    let rows = try await connection.execute(
      """
      SELECT i.symbol, \(Self.listingColumns)
        FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
       WHERE ($1::text IS NULL OR e.code = upper($1))
         AND NOT EXISTS (SELECT FROM market.instruments AS o JOIN market.exchanges AS x USING (exchange_id)
                          WHERE o.symbol = i.symbol AND o.instrument_id <> i.instrument_id AND ($1 IS NULL OR x.code = upper($1)))
      """, [.text(exchange)])
    return Dictionary(uniqueKeysWithValues: try rows.map(Self.listing))
  }

  private static func listing(_ row: Row) throws -> (String, Listing) {
    (
      try row[0].string,
      Listing(
        instrument: try row[1].int32, timeZone: try row[2].string, collar: try row[3].ifPresent?.double,
        suspiciousConditions: Set(try row[4].ifPresent?.string.components("\u{1f}") ?? []),
        earliest: try row[5].time)
    )
  }
}

extension String {
  fileprivate func components(_ separator: Character) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
