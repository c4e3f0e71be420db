import LibPQ
import TradingCore

extension EngineStore {
  /// What trading an instrument needs to be imitated.
  package struct SessionTerms: Sendable {
    package var symbol: String
    package var instrument: Int32
    package var exchange: String
    package var tickSize: Double
    package var lotSize: Double
    /// Opening and closing times in microseconds since 2000-01-01 UTC, in order, as the exchange's calendar has them; one
    /// over midnight is two.
    package var sessions: [Range<Int64>]
  }

  /// Sessions of these instruments on local days from `from` on.
  /// - Parameters:
  ///   - symbols: `SYMBOL` or `EXCHANGE:SYMBOL`; unknown is TR101.
  ///   - from: as `2024-01-02`.
  package nonisolated(nonsending) func sessionTerms(
    of symbols: [String], from: String, days: Int
  ) async throws -> [SessionTerms] {
    var calendars: [String: [Range<Int64>]] = [:]
    try await connection.forEachRow(
      """
      SELECT e.code, extract(epoch FROM b.opens_at - timestamptz '2000-01-01 00:00Z') * 1000000,
             extract(epoch FROM b.closes_at - timestamptz '2000-01-01 00:00Z') * 1000000
        FROM (SELECT DISTINCT e.exchange_id, e.code FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
               WHERE i.instrument_id IN (SELECT market.instrument_id(s) FROM unnest($1::text[]) AS s)) AS e
        CROSS JOIN generate_series(0, $3::int - 1) AS d
        CROSS JOIN LATERAL market.session_bounds(e.exchange_id, $2::date + d) AS b
       ORDER BY b.opens_at, e.code
      """, [.texts(symbols), .text(from), .int4(Int32(clamping: days))]
    ) { row in
      let bounds = Int64(try row[1].double)..<Int64(try row[2].double)
      calendars[try row[0].string, default: []].append(bounds)
      return .next
    }
    return try await connection.query(
      """
      SELECT s.symbol, i.instrument_id, e.code, i.tick_size::float8, i.lot_size::float8
        FROM unnest($1::text[]) WITH ORDINALITY AS s (symbol, place)
        JOIN market.instruments AS i ON i.instrument_id = market.instrument_id(s.symbol)
        JOIN market.exchanges AS e USING (exchange_id)
       ORDER BY s.place
      """, [.texts(symbols)]
    ).map { row in
      let exchange = try row[2].string
      return SessionTerms(
        symbol: try row[0].string, instrument: try row[1].int32, exchange: exchange, tickSize: try row[3].double,
        lotSize: try row[4].double, sessions: calendars[exchange] ?? [])
    }
  }
}
