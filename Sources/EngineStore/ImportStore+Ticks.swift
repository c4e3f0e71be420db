import LibPQ
import TradingCore

extension ImportStore {
  /// What lies before the first tick of an instrument in a file.
  package struct Reference: Sendable {
    /// A price this many times above or below those before it is a jump; nil when none is.
    package let collar: Double?
    package let collarText: String
    package let accepted: Double?
    /// A price that was rejected as a jump since.
    package let jumped: Double?
    /// Sale conditions that make a tick suspicious.
    package let suspiciousConditions: Set<String>
  }

  /// A file of ticks that are about to be copied into the tables themselves.
  package struct NewTickFile: Sendable {
    package let importID: Int32
    /// In the order of the slots.
    package let instruments: [Int32?]
    package let references: [Int32: Reference]
    /// The table of each UTC day since 2000-01-01.
    package let targets: [Int64: String]
    /// As which market.rejected_ticks knows the import.
    package var feed: String { "import \(importID)" }
  }

  /// Stores a file whose ticks are new by letting `copy` send them to the tables, in one transaction.
  /// - Parameters:
  ///   - spans: the first and the last tick of each slot.
  ///   - copy: completes the request, and returns how many ticks it copied and how many it refused.
  /// - Returns: nil, and nothing has happened, when some of the file may be stored already, or is older than what is kept.
  package func storeNew(
    _ request: inout Request, _ spans: [EngineStore.TickSpan?],
    _ copy: (NewTickFile, inout Request) async throws -> (copied: Int, refused: Int)
  ) async throws -> Outcome? {
    guard try await connection.query("SELECT market.storage_tier() = 'plain'").only()[0].bool else { return nil }
    try await ensurePartitions(request.days)
    let days = request.days.map(Int64.init).sorted()
    let tables = try await EngineStore(connection).tickTargets(days: days).map(\.table)
    return try await storeDirectly(&request) { request in
      let instruments = try await instruments(request)
      guard let references = try await references(instruments, spans) else { throw NotNew() }
      let file = NewTickFile(
        importID: try await begin(request), instruments: instruments, references: references,
        targets: Dictionary(uniqueKeysWithValues: zip(days, tables)))
      try await prepareSession(feed: file.feed)
      let (copied, refused) = try await copy(file, &request)
      let outcome = Outcome(
        importID: file.importID, inserted: copied, rejected: request.rowsRejected + refused, refused: refused)
      if request.isComplete { try await sayComplete(instruments, request.days) }
      try await end(request, outcome)
      return outcome
    }
  }

  /// - Returns: nil when a candle shows that ticks of this time are stored, or when they are too old.
  private func references(
    _ instruments: [Int32?], _ spans: [EngineStore.TickSpan?]
  ) async throws -> [Int32: Reference]? {
    let known = zip(instruments, spans).compactMap { id, span in id.flatMap { id in span.map { (id, $0) } } }
    let rows = try await connection.execute(
      """
      SELECT r.instrument_id, r.collar::float8, trim_scale(r.collar)::text, r.accepted, r.jumped,
             (SELECT string_agg(c.sale_condition, E'\\x1f') FROM market.sale_conditions AS c
               WHERE c.exchange_id = i.exchange_id AND c.is_suspicious),
             n.first_ts < p.dropped_before
             OR EXISTS (SELECT FROM market.candle_store AS s
                         WHERE s.instrument_id = n.instrument_id AND s.minutes = 1
                           AND s.bucket BETWEEN date_bin('1 minute', n.first_ts, '2000-01-01Z') AND n.last_ts)
        FROM market.reference_prices($1, $2, $3) AS r
        JOIN unnest($1::int[], $2::timestamptz[], $4::timestamptz[]) AS n (instrument_id, first_ts, last_ts) USING (instrument_id)
        JOIN market.instruments AS i USING (instrument_id)
        CROSS JOIN market.tick_policy AS p
      """,
      [
        .int4s(known.map(\.0)), .timestamptzs(known.map(\.1.first.time.microseconds)),
        .int8s(known.map(\.1.first.sequence)), .timestamptzs(known.map(\.1.last.time.microseconds)),
      ], format: .binary)
    var references: [Int32: Reference] = [:]
    for row in rows {
      if try row[6].bool { return nil }
      references[try row[0].int32] = Reference(
        collar: try row[1].ifPresent?.double, collarText: try row[2].ifPresent?.string ?? "",
        accepted: try row[3].ifPresent?.double, jumped: try row[4].ifPresent?.double,
        suspiciousConditions: Set(try row[5].ifPresent?.string.split(separator: "\u{1f}").map(String.init) ?? []))
    }
    return references
  }

  /// History revises candles without a journal entry for each; what is refused is counted by this name.
  private func prepareSession(feed: String) async throws {
    try await connection.query(
      "SELECT set_config('bourse.feed', $1, true), set_config('bourse.journal_revisions', 'off', true)", [.text(feed)])
  }

  /// Ticks that the server has to sort out: some may be stored already, or they came out of order.
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
    let feed = "import \(outcome.importID)"
    try await prepareSession(feed: feed)
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
        INSERT INTO market.ticks (\(columns)) SELECT \(columns) FROM ticks ORDER BY ts, instrument_id, seq
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
