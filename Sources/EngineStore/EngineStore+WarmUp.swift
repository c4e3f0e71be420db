import LibPQ
import TradingCore

extension EngineStore {
  /// Time of the last tick of an instrument before this time; nil when there is none.
  package nonisolated(nonsending) func lastTick(of instrument: Int32, before: Timestamp) async throws -> Timestamp? {
    try await connection.execute(
      "SELECT t.ts FROM market.last_tick($1, $2::timestamptz - interval '1 microsecond') AS t",
      [.int4(instrument), .timestamptz(before.microseconds)]
    ).first.map { try $0[0].time }
  }

  /// The one-minute candles of an instrument from one time to another, in order, for the warm-up of an agent: what
  /// `market.candles_1m` has, imported bars included. Of these nobody knows the average price; the close stands for it.
  package nonisolated(nonsending) func forEachMinute(
    of instrument: Int32, from: Timestamp, until: Timestamp, _ body: (Candle) -> Void
  ) async throws {
    try await connection.forEachRow(
      """
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume, CASE c.source WHEN 'ticks' THEN c.vwap ELSE c.close END,
             coalesce(c.ticks, 0)
        FROM market.candles_1m AS c
       WHERE c.instrument_id = $1 AND c.bucket >= $2 AND c.bucket < $3 ORDER BY c.bucket
      """,
      [.int4(instrument), .timestamptz(from.microseconds), .timestamptz(until.microseconds)], format: .binary
    ) { row in
      body(
        Candle(
          bucket: try row[0].time, open: try row[1].double, high: try row[2].double, low: try row[3].double,
          close: try row[4].double, volume: try row[5].double, vwap: try row[6].ifPresent?.double ?? .nan,
          ticks: try row[7].int64))
      return .next
    }
  }

  /// The last candles of a calendar that begin before `end`, oldest first, for the warm-up of an agent.
  /// - Parameter withCloses: whether the closes of their last sessions are wanted; else their begins are given.
  package nonisolated(nonsending) func candles(
    of instrument: Int32, _ calendar: CandleCalendar, until end: Timestamp, count: Int, withCloses: Bool = false
  ) async throws -> [(candle: Candle, closedAt: Timestamp)] {
    // Weekends and holidays have none.
    try await connection.execute(
      """
      SELECT c.bucket, c.open, c.high, c.low, c.close, c.volume,
             CASE WHEN $6 THEN (SELECT s.closes_at FROM market.candle_span($7, r.length, c.bucket) AS s) ELSE c.bucket END
        FROM (SELECT make_interval(months => $2, days => $3) AS length) AS r
        CROSS JOIN LATERAL market.raw_candles(
          $1, r.length, greatest($4 - 2 * $5 * r.length - interval '15 days', '1900-01-01'), $4) AS c
       ORDER BY c.bucket DESC LIMIT $5
      """,
      [
        .int4(instrument), .int4(calendar.months), .int4(calendar.days), .timestamptz(end.microseconds),
        .int4(Int32(clamping: count)), .bool(withCloses), .int4(calendar.exchange),
      ], format: .binary
    ).reversed().map { row in
      let candle = Candle(
        bucket: try row[0].time, open: try row[1].double, high: try row[2].double, low: try row[3].double,
        close: try row[4].double, volume: try row[5].double)
      return (candle, try row[6].time)
    }
  }

  /// The time that the source of these instruments has come to, as far as candles are closed by it; nil when not all of them
  /// have one.
  package nonisolated(nonsending) func sourceTime(of instruments: [Int32]) async throws -> Timestamp? {
    try await connection.execute(
      """
      SELECT CASE WHEN count(m.closed_until) = cardinality($1) THEN min(m.closed_until) END
        FROM market.candle_marks AS m WHERE m.instrument_id = ANY ($1)
      """, [.int4s(instruments)]
    ).only()[0].ifPresent?.time
  }
}
