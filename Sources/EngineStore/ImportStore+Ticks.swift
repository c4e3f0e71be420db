import LibPQ
import TradingCore

extension ImportStore {
  func storeTicks(_ request: Request, _ instruments: Value, _ outcome: inout Outcome) async throws {
    // Ticks whose number could not be told as they came have negative ones in the order of the file, and follow those of
    // their time that have one.
    let number =
      request.isDisordered
      ? "(row_number() OVER (PARTITION BY s.slot, s.ts ORDER BY s.seq < 0, abs(s.seq)) - 1)" : "s.seq"
    let ticks = """
      SELECT ($1::int[])[s.slot + 1] AS instrument_id, s.ts, \(number) AS seq, s.price, s.size, s.venue,
             s.sale_condition, s.suspicious
        FROM pg_temp.import_rows AS s
      """
    // History revises candles without a journal entry for each; what its trigger rejects is counted by this name.
    let feed = "import \(outcome.importID)"
    try await connection.query(
      "SELECT set_config('bourse.feed', $1, true), set_config('bourse.journal_revisions', 'off', true)", [.text(feed)])
    outcome.inserted = try await insertTicks(ticks, instruments)
    outcome.refused = try await connection.query(
      "SELECT count(*) FROM market.rejected_ticks AS r WHERE r.feed = $1", [.text(feed)]
    ).only()[0].int
    outcome.inserted -= outcome.refused
    outcome.rejected += outcome.refused
    outcome.known = request.rowsRead - outcome.rejected - outcome.inserted
    if outcome.known > 0, let first = request.days.min(), let last = request.days.max() {
      // Bounds of known value leave only the file's partitions in the plan. A nested loop would visit all of those anew for
      // each row, which the planner does not reckon with.
      if request.days.count > 30 { try await connection.script("SET LOCAL enable_nestloop = off") }
      outcome.differing = try await connection.query(
        """
        WITH ticks AS (\(ticks))
        SELECT count(*) FROM ticks AS t JOIN market.ticks AS k USING (instrument_id, ts, seq)
         WHERE k.ts >= $2 AND k.ts < $3
           AND (k.price, k.size, k.venue, k.sale_condition, k.suspicious)
               IS DISTINCT FROM (t.price, t.size, t.venue, t.sale_condition, t.suspicious)
        """,
        [
          instruments, .timestamptz(Int64(first) * 86_400_000_000),
          .timestamptz((Int64(last) + 1) * 86_400_000_000),
        ]
      ).only()[0].int
    }
  }

  private func insertTicks(_ ticks: String, _ instruments: Value) async throws -> Int {
    let columns = "instrument_id, ts, seq, price, size, venue, sale_condition, suspicious"
    if try await connection.query("SELECT market.storage_tier() = 'plain'").only()[0].bool {
      return try await connection.query(
        """
        WITH ticks AS (\(ticks))
        INSERT INTO market.ticks (\(columns)) SELECT \(columns) FROM ticks ORDER BY instrument_id, ts, seq
        ON CONFLICT ON CONSTRAINT ticks_pkey DO NOTHING
        """, [instruments]
      ).affectedRows
    }
    // Nobody else stores ticks of these instruments from here to the commit: what is not there now is new.
    try await connection.query(
      """
      WITH ticks AS (\(ticks))
      SELECT market.claim_ticks(array_agg(s.instrument_id), array_agg(s.first_ts), array_agg(0::bigint), array_agg(s.last_ts), array_agg(s.last_seq))
        FROM (SELECT t.instrument_id, min(t.ts) AS first_ts, max(t.ts) AS last_ts, (array_agg(t.seq ORDER BY t.ts DESC, t.seq DESC))[1] AS last_seq
                FROM ticks AS t GROUP BY t.instrument_id) AS s
      """, [instruments])
    return try await connection.query(
      "WITH ticks AS (\(ticks)) " + EngineStore.insertUnknownTicks(columns: columns, from: "ticks"), [instruments]
    ).affectedRows
  }

  /// Makes the partitions of these days, some at a time: each one takes locks until its transaction ends.
  func ensurePartitions(_ days: Set<Int32>) async throws {
    var days = days.sorted()[...]
    while let first = days.first {
      var last = first
      while let next = days.first, next - last <= 1, next - first < 30 {
        last = next
        days.removeFirst()
      }
      try await connection.query(
        "SELECT market.ensure_tick_partitions(date '2000-01-01' + $1, date '2000-01-01' + $2)",
        [.int4(first), .int4(last)])
    }
  }
}
