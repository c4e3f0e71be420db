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

  /// The kept one-minute candles of an instrument from one time to another, in order, for the warm-up of an agent.
  package nonisolated(nonsending) func forEachMinute(
    of instrument: Int32, from: Timestamp, until: Timestamp, _ body: (Candle) -> Void
  ) async throws {
    try await connection.forEachRow(
      """
      SELECT s.bucket, s.open, s.high, s.low, s.close, s.volume, s.turnover / nullif(s.volume, 0), s.ticks FROM market.candle_rows AS s
       WHERE s.instrument_id = $1 AND s.minutes = 1 AND s.bucket >= $2 AND s.bucket < $3 ORDER BY s.bucket
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
}
