import LibPQ
import TradingCore

extension ImportStore {
  /// A staged bar with its instrument. A bar of whole days starts where its exchange's trading day does.
  private static let bars = """
    SELECT ($1::int[])[s.slot + 1] AS instrument_id,
           CASE WHEN $2 THEN (s.day + e.day_starts) AT TIME ZONE e.time_zone ELSE s.ts END AS ts,
           s.open, s.high, s.low, s.close, s.volume, s.adjusted_close, s.line, s.content
      FROM pg_temp.import_rows AS s
      JOIN market.instruments AS i ON i.instrument_id = ($1::int[])[s.slot + 1]
      JOIN market.exchanges AS e USING (exchange_id)
    """

  /// Where the hours and the trading days of an exchange begin.
  package struct CandleGrid: Sendable {
    /// Microseconds after the full hour.
    package let hourOffset: Int64
    /// Starts of the trading days of a file, one after the other, and the end of the last.
    package internal(set) var days: [Int64] = []

    /// - Returns: nil when the file had no bar of this time a moment ago.
    package func day(of time: Int64) -> (start: Int64, end: Int64)? {
      let begun = days.prefixCount { $0 <= time }
      return begun > 0 && begun < days.count ? (days[begun - 1], days[begun]) : nil
    }
  }

  /// A file of bars that are about to be copied into the table itself.
  package struct NewBarFile: Sendable {
    /// In the order of the slots.
    package let instruments: [Int32?]
    package let grids: [Int32: CandleGrid]
  }

  /// Stores a file of new bars shorter than a day by letting `copy` send them, and the candles that they make, to the tables.
  /// - Parameters:
  ///   - spans: the first and the last start of the bars of each slot.
  ///   - copy: returns how many bars it sent.
  /// - Returns: nil, and nothing has happened, when some of the file, or of its candles, may be stored already.
  package func storeNewBars(
    _ request: inout Request, _ spans: [ClosedRange<Int64>?], _ copy: (NewBarFile) async throws -> Int
  ) async throws -> Outcome? {
    try await storeDirectly(&request) { request in
      let instruments = try await instruments(request)
      let known = zip(instruments, spans).compactMap { id, span in id.flatMap { id in span.map { (id, $0) } } }
      guard try await !hasBars(known, resolution: request.resolution) else { throw NotNew() }
      let grids = try await candleGrids(known)
      let importID = try await begin(request)
      try await connection.query("SELECT set_config('bourse.roll_up_bars', 'off', true)")
      let inserted = try await copy(NewBarFile(instruments: instruments, grids: grids))
      let outcome = Outcome(importID: importID, inserted: inserted, rejected: request.rowsRejected)
      try await end(request, outcome)
      return outcome
    }
  }

  /// Columns of a bar, and of a candle, that is copied to the table itself.
  package static let barColumnCount = 10
  package static let rollupColumnCount = 10

  /// Opens the COPY for bars: instrument, resolution, start, open, high, low, close, volume, adjusted close, vendor. It holds the
  /// connection.
  package func copyBars() async throws -> CopyIn {
    try await connection.copyIn(
      """
      COPY market.bars (instrument_id, resolution, ts, open, high, low, close, volume, adjusted_close, vendor)
      FROM STDIN WITH (FORMAT binary)
      """)
  }

  /// Opens the COPY for their candles: instrument, minutes, start, open, high, low, close, volume, resolution of the bars, vendor.
  package func copyRollups() async throws -> CopyIn {
    try await connection.copyIn(
      """
      COPY market.bar_rollups (instrument_id, minutes, bucket, open, high, low, close, volume, resolution, vendor)
      FROM STDIN WITH (FORMAT binary)
      """)
  }

  /// Whether bars of this length are stored in these spans, or bars of another one that make candles of the same days.
  private func hasBars(_ spans: [(id: Int32, span: ClosedRange<Int64>)], resolution: String?) async throws -> Bool {
    try await connection.query(
      """
      SELECT EXISTS (
        SELECT FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS n (instrument_id, first_ts, last_ts)
          JOIN market.instruments AS i USING (instrument_id)
         WHERE EXISTS (SELECT FROM market.bars AS b
                        WHERE b.instrument_id = n.instrument_id AND b.resolution = $4
                          AND b.ts BETWEEN n.first_ts AND n.last_ts)
            OR EXISTS (SELECT FROM market.bar_rollups AS r
                        WHERE r.instrument_id = n.instrument_id AND r.minutes = 1440
                          AND r.bucket BETWEEN market.candle_bucket(n.first_ts, 1440, i.exchange_id) AND n.last_ts))
      """,
      [
        .int4s(spans.map(\.id)), .timestamptzs(spans.map(\.span.lowerBound)),
        .timestamptzs(spans.map(\.span.upperBound)), .text(resolution),
      ]
    ).only()[0].bool
  }

  /// By instrument.
  private func candleGrids(_ spans: [(id: Int32, span: ClosedRange<Int64>)]) async throws -> [Int32: CandleGrid] {
    let known = Value.int4s(spans.map(\.id))
    let days = try await connection.query(
      """
      SELECT e.exchange_id, e.hour_offset::int, (d.day + e.day_starts) AT TIME ZONE e.time_zone
        FROM market.exchanges AS e
        CROSS JOIN (SELECT min(t) AS first_ts, max(t) AS last_ts FROM unnest($2::timestamptz[]) AS t) AS n
        CROSS JOIN LATERAL generate_series(
          date_trunc('day', n.first_ts AT TIME ZONE e.time_zone - e.day_starts),
          n.last_ts AT TIME ZONE e.time_zone - e.day_starts + interval '1 day', interval '1 day') AS d (day)
       WHERE e.exchange_id IN (SELECT i.exchange_id FROM market.instruments AS i WHERE i.instrument_id = ANY ($1))
       ORDER BY e.exchange_id, d.day
      """, [known, .timestamptzs(spans.flatMap { [$0.span.lowerBound, $0.span.upperBound] })], format: .binary)
    let instruments = try await connection.query(
      "SELECT i.instrument_id, i.exchange_id FROM market.instruments AS i WHERE i.instrument_id = ANY ($1)", [known],
      format: .binary)
    return try Self.grids(days, instruments)
  }

  private static func grids(_ days: Rows, _ instruments: Rows) throws -> [Int32: CandleGrid] {
    var exchanges: [Int32: CandleGrid] = [:]
    for row in days {
      let offset = Int64(try row[1].int32) * 60_000_000
      exchanges[try row[0].int32, default: CandleGrid(hourOffset: offset)].days.append(try row[2].time.microseconds)
    }
    var grids: [Int32: CandleGrid] = [:]
    for row in instruments { grids[try row[0].int32] = exchanges[try row[1].int32] }
    return grids
  }

  func storeBars(_ request: Request, _ instruments: Value, _ outcome: inout Outcome) async throws {
    let parameters = [instruments, .bool(request.hasDays)]
    var contradictions = 0
    if request.mayRepeat {
      contradictions = try await connection.query(
        """
        WITH bars AS (\(Self.bars)),
        numbered AS (
          SELECT b.*, first_value(b.line) OVER w AS first_line,
                 ROW (b.open, b.high, b.low, b.close, b.volume, b.adjusted_close)
                   IS DISTINCT FROM first_value(ROW (b.open, b.high, b.low, b.close, b.volume, b.adjusted_close)) OVER w AS differs
            FROM bars AS b
          WINDOW w AS (PARTITION BY b.instrument_id, b.ts ORDER BY b.line)
        )
        INSERT INTO pg_temp.import_rejects (line, reason, content)
        SELECT n.line, format('line %s has another bar of this time', n.first_line),
               coalesce(n.content, concat_ws(',', n.ts, n.open, n.high, n.low, n.close, n.volume, n.adjusted_close))
          FROM numbered AS n WHERE n.differs
        """, parameters
      ).affectedRows
      outcome.rejected += contradictions
    }
    let resolution = parameters + [.text(request.resolution)]
    outcome.inserted = try await connection.query(
      """
      WITH bars AS (\(Self.bars))
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume, adjusted_close, vendor)
      SELECT b.instrument_id, $3, b.ts, b.open, b.high, b.low, b.close, b.volume, b.adjusted_close, $4
        FROM bars AS b ORDER BY b.instrument_id, b.ts, b.line
      ON CONFLICT ON CONSTRAINT bars_pkey DO NOTHING
      """, resolution + [.text(request.vendor)]
    ).affectedRows
    outcome.known = request.rowsRead - outcome.rejected - outcome.inserted
    if outcome.known > 0 {
      let differing = try await connection.query(
        """
        WITH bars AS (\(Self.bars))
        SELECT count(*) FROM bars AS b
          JOIN market.bars AS k ON k.instrument_id = b.instrument_id AND k.resolution = $3 AND k.ts = b.ts
         WHERE (k.open, k.high, k.low, k.close, k.volume, k.adjusted_close)
               IS DISTINCT FROM (b.open, b.high, b.low, b.close, b.volume, b.adjusted_close)
        """, resolution
      ).only()[0].int
      // Rejected bars differ, too, from the one that came first.
      outcome.differing = max(0, differing - contradictions)
    }
  }
}
