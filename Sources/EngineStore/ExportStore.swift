import LibPQ
import TradingCore

/// Reads stored market data as CSV, piece by piece.
package struct ExportStore: Sendable {
  package enum Kind: String, Sendable { case ticks, bars }

  /// What one file has: of one exchange, in a span of time, for bars of one length.
  package struct Piece: Sendable, Hashable {
    package var exchange: String
    /// Length in seconds; nil for ticks.
    package var resolution: Int64?
    /// The first day: of the UTC day for ticks, of the exchange's month for bars, as `2013-10-07`.
    package var day: String
    var from: Int64
    var until: Int64
  }

  private let connection: Connection
  private let kind: Kind
  private let from: Timestamp?
  private let until: Timestamp?

  /// - Parameters:
  ///   - from: the time of the first row, and `until`: the time that the last one is before; nil is without bound.
  package init(_ connection: Connection, _ kind: Kind, from: Timestamp? = nil, until: Timestamp? = nil) {
    self.connection = connection
    self.kind = kind
    self.from = from
    self.until = until
  }

  /// The exchange and identifier of an instrument.
  /// - Throws: TR101, TR103.
  package func instrument(_ symbol: String) async throws -> (exchange: String, symbol: String, id: Int32) {
    let row = try await connection.query(
      """
      SELECT e.code, i.symbol, i.instrument_id FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
       WHERE i.instrument_id = market.instrument_id($1)
      """, [.text(symbol)]
    ).only()
    return (try row[0].string, try row[1].string, try row[2].int32)
  }

  /// The pieces in which there may be rows, in order of time.
  /// - Parameter resolution: length of bars in seconds; nil is all there are.
  package func pieces(exchange: String?, resolution: Int64? = nil) async throws -> [Piece] {
    let sql =
      switch kind {
      case .ticks: Self.tickPieces
      case .bars: Self.barPieces
      }
    return try await connection.query(
      sql,
      [
        .text(exchange), .timestamptz((from ?? .earliest).microseconds),
        .timestamptz(until?.microseconds ?? Int64.max), .int8(resolution),
      ]
    ).map { row in
      Piece(
        exchange: try row[0].string, resolution: try row[1].ifPresent?.int64, day: try row[2].string,
        from: try row[3].int64, until: try row[4].int64)
    }
  }

  // Days with ticks are found one after the other by the key, which begins with the time. Microseconds since 2000 keep
  // infinite ends of time out of the arithmetic.
  private static let tickPieces = """
    WITH RECURSIVE days (day) AS (
      SELECT date_trunc('day', min(t.ts), 'UTC') FROM market.ticks AS t WHERE t.ts >= $2 AND t.ts < $3
      UNION ALL
      SELECT (SELECT date_trunc('day', min(t.ts), 'UTC') FROM market.ticks AS t WHERE t.ts >= d.day + interval '24 hours' AND t.ts < $3)
        FROM days AS d WHERE d.day IS NOT NULL
    )
    SELECT e.code, NULL::bigint, to_char(d.day AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
           (extract(epoch FROM greatest(d.day, $2) - timestamptz '2000-01-01 00:00Z') * 1000000)::bigint,
           (extract(epoch FROM least(d.day + interval '24 hours', $3) - timestamptz '2000-01-01 00:00Z') * 1000000)::bigint
      FROM days AS d CROSS JOIN market.exchanges AS e
     WHERE d.day IS NOT NULL AND ($1::text IS NULL OR e.exchange_id = market.exchange_id($1)) AND $4::bigint IS NULL
       AND EXISTS (SELECT FROM market.instruments AS i WHERE i.exchange_id = e.exchange_id)
     ORDER BY d.day, e.code
    """

  private static let barPieces = """
    SELECT x.code, x.seconds, to_char(x.month, 'YYYY-MM-DD'),
           (extract(epoch FROM greatest(x.month AT TIME ZONE x.time_zone, $2) - timestamptz '2000-01-01 00:00Z') * 1000000)::bigint,
           (extract(epoch FROM least((x.month + interval '1 month') AT TIME ZONE x.time_zone, $3) - timestamptz '2000-01-01 00:00Z') * 1000000)::bigint
      FROM (SELECT DISTINCT e.code, e.time_zone, extract(epoch FROM b.resolution)::bigint AS seconds,
                   date_trunc('month', b.ts AT TIME ZONE e.time_zone) AS month
              FROM market.bars AS b JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
             WHERE b.ts >= $2 AND b.ts < $3 AND ($1::text IS NULL OR e.exchange_id = market.exchange_id($1))
               AND ($4::bigint IS NULL OR extract(epoch FROM b.resolution) = $4)) AS x
     ORDER BY x.month, x.code, x.seconds
    """

  /// Hands out the CSV of a piece line by line, header first; nothing when it has no rows.
  /// - Parameter instrument: only that one; nil is all of the exchange.
  /// - Returns: rows.
  package func read(
    _ piece: Piece, instrument: Int32?, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> Int {
    let columns: String
    switch kind {
    case .ticks:
      columns = """
        to_char(d.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS ts, i.symbol, d.price, d.size, d.seq, d.venue,
        d.sale_condition, d.suspicious
        """
    case .bars:
      // A bar of whole days begins with its exchange's trading day: the importer takes the date for that.
      columns = """
        CASE WHEN extract(epoch FROM d.resolution) >= 86400 THEN to_char((d.ts AT TIME ZONE e.time_zone) - e.day_starts, 'YYYY-MM-DD')
             ELSE to_char(d.ts AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') END AS ts,
        i.symbol, d.open, d.high, d.low, d.close, d.volume, d.adjusted_close
        """
    }
    // COPY takes no parameters: only numbers and the code of an exchange that the catalogue gave stand in its text.
    let rows = """
      SELECT \(columns)
        FROM market.\(kind.rawValue) AS d
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.exchanges AS e USING (exchange_id)
       WHERE d.ts >= timestamptz '2000-01-01 00:00Z' + interval '\(piece.from) microseconds'
         AND d.ts < timestamptz '2000-01-01 00:00Z' + interval '\(piece.until) microseconds'
         AND e.code = \(quotedLiteral(piece.exchange))
         \(instrument.map { "AND d.instrument_id = \($0)" } ?? "")
         \(piece.resolution.map { "AND d.resolution = interval '\($0) seconds'" } ?? "")
       ORDER BY d.ts, d.instrument_id\(kind == .ticks ? ", d.seq" : "")
      """
    var header: [UInt8]?
    return try await connection.copyOut("COPY (\(rows)) TO STDOUT WITH (FORMAT csv, HEADER)") { line in
      if header == nil {
        header = Array(line)
        return
      }
      if let first = header, !first.isEmpty {
        try first.withUnsafeBytes(body)
        header = []
      }
      try body(line)
    }
  }
}
