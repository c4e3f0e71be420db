import LibPQ
import TradingCore

extension EngineStore {
  /// The splits and bonuses of these instruments that take effect by a time (nil: all), in order.
  package nonisolated(nonsending) func splits(
    of instruments: [Int32], until end: Timestamp?
  ) async throws -> [SessionSplit] {
    let rows = try await connection.execute(
      """
      SELECT a.action_id, a.instrument_id, a.numerator, a.denominator, d.effective_at
        FROM market.corporate_actions AS a
        JOIN market.instruments AS i USING (instrument_id)
        CROSS JOIN LATERAL (SELECT market.day_start(i.exchange_id, a.ex_date) AS effective_at) AS d
       WHERE a.numerator IS NOT NULL AND a.instrument_id = ANY ($1)
         AND d.effective_at <= coalesce($2::timestamptz, 'infinity')
       ORDER BY d.effective_at, a.action_id
      """, [.int4s(instruments), .timestamptz(end?.microseconds)])
    return try rows.map { row in
      SessionSplit(
        actionID: try row[0].int32, instrument: try row[1].int32,
        split: try StockSplit(numerator: try row[2].ratio, denominator: try row[3].ratio), effectiveAt: try row[4].time)
    }
  }
}
