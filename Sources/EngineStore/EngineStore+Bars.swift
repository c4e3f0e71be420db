import LibPQ
import TradingCore

extension EngineStore {
  /// Opens the cursor that ``fetchBars(_:)`` reads, until the connection is closed.
  package nonisolated(nonsending) func openBars(
    resolution: Int64, instruments: [Int32], after position: Int64?, from: Timestamp?, until: Timestamp?
  ) async throws {
    // Bounds go to the function too: it reads the index with them. A day bar opens up to a day after its bucket begins.
    // The rows are held (the server sorts them anyway), not the transaction: while one reads, old versions of rows that a
    // replay writes again and again, such as prices and positions, could not be cleared away.
    try await connection.query(
      """
      DECLARE bars NO SCROLL CURSOR WITH HOLD FOR
      SELECT b.instrument_id, b.opens_at, b.closes_at, b.open, b.high, b.low, b.close, b.volume, $1 >= 86400e6
        FROM market.bar_events($1 * interval '1 microsecond', $2,
                               coalesce($3::timestamptz, $4::timestamptz, '-infinity') - interval '2 days', coalesce($5::timestamptz, 'infinity')) AS b
       WHERE b.opens_at > coalesce($3::timestamptz, '-infinity') AND b.opens_at >= coalesce($4::timestamptz, '-infinity')
         AND b.opens_at < coalesce($5::timestamptz, 'infinity')
      """,
      [
        .float8(Double(resolution)), .int4s(instruments), .timestamptz(position), .timestamptz(from?.microseconds),
        .timestamptz(until?.microseconds),
      ])
  }

  package nonisolated(nonsending) func fetchBars(_ count: Int) async throws -> [BarEvent] {
    try await connection.query("FETCH \(count) FROM bars", format: .binary).map { try BarEvent($0) }
  }

  /// The last stored bars that closed by `time`, oldest first, for the warm-up of an agent.
  package nonisolated(nonsending) func barsBefore(
    _ time: Timestamp, instrument: Int32, resolution: Int64, count: Int
  ) async throws -> [BarEvent] {
    try await connection.execute(
      """
      SELECT x.* FROM (
        SELECT b.instrument_id, b.opens_at, b.closes_at, b.open, b.high, b.low, b.close, b.volume, $1 >= 86400e6
          FROM market.bar_events($1 * interval '1 microsecond', ARRAY[$2::int], '-infinity', $3) AS b
         WHERE b.closes_at <= $3 ORDER BY b.opens_at DESC LIMIT $4) AS x
       ORDER BY x.opens_at
      """,
      [.float8(Double(resolution)), .int4(instrument), .timestamptz(time.microseconds), .int8(Int64(count))],
      format: .binary
    ).map { try BarEvent($0) }
  }
}

extension BarEvent {
  /// From the columns instrument_id, opens_at, closes_at, open, high, low, close, volume, and whether it is of days.
  fileprivate init(_ row: Row) throws {
    let opensAt = try row[1].time
    self.init(
      instrument: try row[0].int32, opensAt: opensAt, closesAt: try row[2].time,
      bar: Bar(
        bucket: opensAt, open: try row[3].double, high: try row[4].double, low: try row[5].double,
        close: try row[6].double, volume: try row[7].double), isOfDays: try row[8].bool)
  }
}
