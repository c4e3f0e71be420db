import LibPQ

extension ImportStore {
  /// Says of these instruments that their ticks are complete on the trading days that they have ticks of, within a file's days (UTC,
  /// since 2000-01-01).
  func sayComplete(_ instruments: [Int32?], _ days: Set<Int32>) async throws {
    try await connection.query(
      """
      SELECT market.set_tick_coverage(d.symbol, d.day)
        FROM (SELECT DISTINCT e.code || ':' || i.symbol AS symbol,
                     ((s.bucket AT TIME ZONE e.time_zone) - e.day_starts)::date AS day
                FROM market.instruments AS i
                JOIN market.exchanges AS e USING (exchange_id)
                CROSS JOIN unnest($2::int[]) AS u (day)
                JOIN market.candle_rows AS s
                  ON s.instrument_id = i.instrument_id AND s.minutes = 1
                     AND s.bucket >= (date '2000-01-01' + u.day)::timestamp AT TIME ZONE 'UTC'
                     AND s.bucket < (date '2000-01-02' + u.day)::timestamp AT TIME ZONE 'UTC'
               WHERE i.instrument_id = ANY ($1::int[])) AS d
       ORDER BY d.symbol, d.day
      """, [.int4s(instruments), .int4s(days.sorted())])
  }
}
