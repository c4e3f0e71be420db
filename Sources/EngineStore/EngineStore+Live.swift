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

  /// In a transaction that catches up with the past: sets newer latest prices back to these, so that the books judge and value
  /// by what was known then.
  /// - Returns: the newer ones, which have to be put back before the commit.
  package nonisolated(nonsending) func stepBackQuotes(
    to prices: [TradingSession.LatestPrice]
  ) async throws -> [TradingSession.LatestPrice] {
    try await connection.execute(
      "SELECT s.instrument_id, s.ts, s.last, s.last_size FROM market.step_back_quotes($1, $2, $3, $4) AS s",
      [
        .int4s(prices.map(\.instrument)), .timestamptzs(prices.map(\.time.microseconds)),
        .float8s(prices.map(\.price)), .float8s(prices.map { $0.size.isNaN ? nil : $0.size }),
      ], format: .binary
    ).map { row in
      (try row[0].int32, try row[1].time, try row[2].double, try row[3].ifPresent?.double ?? .nan)
    }
  }

  /// The last stored tick of an instrument at or before a time; nil when there is none any more.
  package nonisolated(nonsending) func storedPrice(of instrument: Int32, at time: Timestamp) async throws -> Tick? {
    try await connection.execute(
      """
      SELECT t.ts, t.price, t.size
        FROM market.last_tick($1, $2) AS l
        JOIN market.ticks AS t ON t.instrument_id = $1 AND t.ts = l.ts AND t.seq = l.seq
      """, [.int4(instrument), .timestamptz(time.microseconds)], format: .binary
    ).first.map { row in
      Tick(instrument: instrument, time: try row[0].time, price: try row[1].double, size: try row[2].double)
    }
  }

  /// Journals, once each, candles of these instruments that are over at this time of their source.
  /// - Parameter from: where it begins with instruments of which no candle has been closed before.
  package nonisolated(nonsending) func closeLiveCandles(
    _ instruments: [Int32], at time: Timestamp, from: Timestamp
  ) async throws {
    try await connection.retryingTransaction { connection in
      _ = try await connection.execute(
        "SELECT market.close_candles($1, $2, $3)",
        [.int4s(instruments), .timestamptz(time.microseconds), .timestamptz(from.microseconds)])
    }
  }

  /// Where a live feed stands with an instrument.
  package struct LivePosition: Sendable {
    package let symbol: String
    package let instrument: Int32
    /// The last number that is stored; nil when nothing is.
    package let after: Int64?
    /// Event time of that, and how long ago it was stored.
    package let last: (time: Timestamp, age: Duration)?
  }

  /// What a live feed subscribes to: instruments by their symbols, and the last number of each that is stored.
  /// - Parameters:
  ///   - symbols: `SYMBOL` or `EXCHANGE:SYMBOL`, or the broker's names when there is a broker; unknown is TR101.
  package nonisolated(nonsending) func livePositions(
    of symbols: [String], feed: String, broker: String?
  ) async throws -> [LivePosition] {
    try await connection.query(
      """
      SELECT n.symbol, n.instrument_id, p.seq, least(p.ts, p.stored_at), (extract(epoch FROM clock_timestamp() - p.stored_at) * 1000000)::bigint
        FROM (SELECT s.symbol, s.place,
                     CASE WHEN $3::text IS NULL THEN market.instrument_id(s.symbol) ELSE market.alias_instrument_id($3, s.symbol) END AS instrument_id
                FROM unnest($1::text[]) WITH ORDINALITY AS s (symbol, place)) AS n
        LEFT JOIN market.feed_positions AS p ON p.feed = $2 AND p.instrument_id = n.instrument_id
       ORDER BY n.place
      """, [.texts(symbols), .text(feed), .text(broker)]
    ).map { row in
      LivePosition(
        symbol: try row[0].string, instrument: try row[1].int32, after: try row[2].ifPresent?.int64,
        last: try row[3].ifPresent.map { (try $0.time, .microseconds(try row[4].int64)) })
    }
  }
}
