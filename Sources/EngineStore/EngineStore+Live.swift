import LibPQ
import TradingCore

extension EngineStore {
  /// Messages of a live feed, column by column. A trade has a price and a size, a quote a bid or an ask.
  package struct LiveRows: Sendable {
    package var instruments: [Int32?] = []
    package var times: [Int64?] = []
    package var received: [Int64?] = []
    package var numbers: [Int64?] = []
    package var venues: [String?] = []
    package var prices: [Double?] = []
    package var sizes: [Double?] = []
    package var saleConditions: [String?] = []
    package var suspicious: [Bool?] = []
    package var bids: [Double?] = []
    package var asks: [Double?] = []
    package var bidSizes: [Double?] = []
    package var askSizes: [Double?] = []

    package init() {}
  }

  /// Stores messages with the feed's positions in one transaction.
  /// - Returns: how many were new.
  @discardableResult
  package nonisolated(nonsending) func storeLive(_ rows: LiveRows, feed: String) async throws -> Int {
    try await connection.execute(
      "SELECT market.store_live($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
      [
        .text(feed), .int4s(rows.instruments), .timestamptzs(rows.times), .timestamptzs(rows.received),
        .int8s(rows.numbers), .texts(rows.venues), .float8s(rows.prices), .float8s(rows.sizes),
        .texts(rows.saleConditions), .bools(rows.suspicious), .float8s(rows.bids), .float8s(rows.asks),
        .float8s(rows.bidSizes), .float8s(rows.askSizes),
      ]
    ).only()[0].int
  }

  /// The next stored ticks of these instruments, in order of time, for who follows them as they come: each says whom it may
  /// fill. Suspicious ones are left out.
  package nonisolated(nonsending) func arrivedTicks(
    after positions: [TickPosition], until: Timestamp?, limit: Int
  ) async throws -> [Tick] {
    try await connection.execute(
      """
      SELECT t.instrument_id, t.ts, t.price, t.size, t.seq, t.good_for
        FROM market.next_ticks($1, $2, $3, coalesce($4::timestamptz, 'infinity'), $5) AS t
      """,
      [
        .int4s(positions.map(\.instrument)), .timestamptzs(positions.map(\.time)), .int8s(positions.map(\.sequence)),
        .timestamptz(until?.microseconds), .int4(Int32(limit)),
      ], format: .binary
    ).map { row in
      Tick(
        instrument: try row[0].int32, time: try row[1].time, price: try row[2].double, size: try row[3].double,
        sequence: try row[4].int64, goodFor: try row[5].ifPresent?.int32 ?? .max)
    }
  }

  /// What a live feed subscribes to: instruments by their symbols, and the last number of each that is stored.
  /// - Parameters:
  ///   - symbols: `SYMBOL` or `EXCHANGE:SYMBOL`, or the broker's names when there is a broker; unknown is TR101.
  package nonisolated(nonsending) func livePositions(
    of symbols: [String], feed: String, broker: String?
  ) async throws -> [(symbol: String, instrument: Int32, after: Int64?)] {
    try await connection.query(
      """
      SELECT n.symbol, n.instrument_id, p.seq
        FROM (SELECT s.symbol, s.place,
                     CASE WHEN $3::text IS NULL THEN market.instrument_id(s.symbol) ELSE market.alias_instrument_id($3, s.symbol) END AS instrument_id
                FROM unnest($1::text[]) WITH ORDINALITY AS s (symbol, place)) AS n
        LEFT JOIN market.feed_positions AS p ON p.feed = $2 AND p.instrument_id = n.instrument_id
       ORDER BY n.place
      """, [.texts(symbols), .text(feed), .text(broker)]
    ).map { (try $0[0].string, try $0[1].int32, try $0[2].ifPresent?.int64) }
  }
}
