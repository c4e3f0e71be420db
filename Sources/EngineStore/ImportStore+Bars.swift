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
        FROM bars AS b ORDER BY b.ts, b.instrument_id, b.line
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
