import LibPQ

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

  /// Stores a file of new bars shorter than a day by letting `copy` send them to the table itself.
  /// - Parameters:
  ///   - spans: the first and the last start of the bars of each slot.
  ///   - copy: sends the bars of these instruments, completes the request, and returns how many they were.
  /// - Returns: nil, and nothing has happened, when some of the file may be stored already.
  package func storeNewBars(
    _ request: inout Request, _ spans: [ClosedRange<Int64>?],
    _ copy: ([Int32?], inout Request) async throws -> Int
  ) async throws -> Outcome? {
    try await storeDirectly(&request) { request in
      let instruments = try await instruments(request)
      guard try await !hasBars(of: instruments, spans, resolution: request.resolution) else { throw NotNew() }
      let importID = try await begin(request)
      let inserted = try await copy(instruments, &request)
      let outcome = Outcome(importID: importID, inserted: inserted, rejected: request.rowsRejected)
      try await end(request, outcome)
      return outcome
    }
  }

  /// Columns of a bar that is copied to the table itself.
  package static let barColumnCount = 10

  /// Opens the COPY for bars: instrument, resolution, start, open, high, low, close, volume, adjusted close, vendor. It holds the
  /// connection.
  package func copyBars() async throws -> CopyIn {
    try await connection.copyIn(
      """
      COPY market.bars (instrument_id, resolution, ts, open, high, low, close, volume, adjusted_close, vendor)
      FROM STDIN WITH (FORMAT binary)
      """)
  }

  private func hasBars(
    of instruments: [Int32?], _ spans: [ClosedRange<Int64>?], resolution: String?
  ) async throws -> Bool {
    let known = zip(instruments, spans).compactMap { id, span in id.flatMap { id in span.map { (id, $0) } } }
    return try await connection.query(
      """
      SELECT EXISTS (SELECT FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS n (instrument_id, first_ts, last_ts)
                      CROSS JOIN LATERAL (SELECT FROM market.bars AS b
                                           WHERE b.instrument_id = n.instrument_id AND b.resolution = $4
                                             AND b.ts BETWEEN n.first_ts AND n.last_ts
                                           ORDER BY b.ts LIMIT 1) AS k)
      """,
      [
        .int4s(known.map(\.0)), .timestamptzs(known.map(\.1.lowerBound)), .timestamptzs(known.map(\.1.upperBound)),
        .text(resolution),
      ]
    ).only()[0].bool
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
