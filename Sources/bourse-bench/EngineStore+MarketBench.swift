import EngineStore
import LibPQ
import TradingCore

/// What the measurements of market data need of the database.
extension EngineStore {
  /// Instruments B1, B2, …, with a paper portfolio whose agent watches the first.
  nonisolated(nonsending) func setUpMarketBench(instruments: Int) async throws -> [Int32] {
    try await setUpBench(symbols: ["B1"])
    return try await connection.execute(
      "SELECT (market.add_instrument('B' || n)).instrument_id FROM generate_series(1, $1::int) AS n ORDER BY n",
      [.int4(Int32(instruments))]
    ).map { try $0[0].int32 }
  }

  /// An index that is measured.
  enum BareIndex: String, CaseIterable, Sendable {
    case byInstrument = "CREATE INDEX ON public.bare_indexed (instrument_id, ts DESC)"
    case byTime = "CREATE UNIQUE INDEX ON public.bare_indexed (ts, instrument_id, seq)"
    case keyByInstrument = "CREATE UNIQUE INDEX ON public.bare_indexed (instrument_id, ts, seq)"
    case blockRanges = "CREATE INDEX ON public.bare_indexed USING brin (ts)"

    var columns: String { String(rawValue.split(separator: "public.bare_indexed ")[1]) }
  }

  /// A table for bare COPY of ticks of these days; with daily partitions and an index, or with neither.
  nonisolated(nonsending) func makeBareTable(_ index: BareIndex?, days: [Int64]) async throws -> String {
    guard let index else {
      try await connection.script("CREATE TABLE public.bare (LIKE market.ticks INCLUDING DEFAULTS)")
      return "public.bare"
    }
    try await connection.script(
      """
      CREATE TABLE public.bare_indexed (LIKE market.ticks INCLUDING DEFAULTS) PARTITION BY RANGE (ts);
      \(index.rawValue);
      """)
    for day in days {
      try await connection.script(
        """
        CREATE TABLE public.bare_indexed_\(day) PARTITION OF public.bare_indexed
          FOR VALUES FROM (timestamptz '2000-01-01Z' + \(day) * interval '24 hours') TO (timestamptz '2000-01-01Z' + \(day + 1) * interval '24 hours')
        """)
    }
    return "public.bare_indexed"
  }

  /// Bytes of the indexes of the bare table's partitions.
  nonisolated(nonsending) func bareIndexBytes() async throws -> Int {
    try await connection.query(
      "SELECT sum(pg_indexes_size(p.relid)) FROM pg_partition_tree('public.bare_indexed') AS p WHERE p.isleaf"
    ).only()[0].int
  }

  /// Bytes on disk, indexes included, of all stored ticks, and their number.
  nonisolated(nonsending) func tickBytes() async throws -> (bytes: Int, ticks: Int) {
    let row = try await connection.query(
      """
      SELECT (SELECT sum(pg_total_relation_size(p.relid)) FROM pg_partition_tree('market.ticks') AS p WHERE p.isleaf),
             (SELECT count(*) FROM market.ticks)
      """
    ).only()
    return (try row[0].int, try row[1].int)
  }

  /// 2,000 rows of each instrument under a primary key, as wide as candles.
  nonisolated(nonsending) func makeKeyedRows() async throws {
    try await connection.script(
      """
      CREATE TABLE public.keyed (instrument_id int, n int, open float8, high float8, low float8, close float8, volume float8,
                                 vwap float8, ticks bigint, PRIMARY KEY (instrument_id, n));
      INSERT INTO public.keyed SELECT i.instrument_id, n, 1, 2, 3, 4, 5, 6, 7 FROM market.instruments AS i, generate_series(1, 2000) AS n;
      ANALYZE market.candle_store;
      """)
    try await connection.script("VACUUM ANALYZE public.keyed")
  }

  /// The latest 500 rows of an instrument under a primary key: the yardstick.
  nonisolated(nonsending) func readKeyedRows(_ instrument: Int32) async throws -> Int {
    try await connection.execute(
      "SELECT k.* FROM public.keyed AS k WHERE k.instrument_id = $1 ORDER BY k.n DESC LIMIT 500", [.int4(instrument)],
      format: .binary
    ).count
  }

  /// The latest 500 one-minute candles of an instrument.
  nonisolated(nonsending) func readCandles(_ instrument: Int32) async throws -> Int {
    try await connection.execute(
      "SELECT c.* FROM market.candles_1m AS c WHERE c.instrument_id = $1 ORDER BY c.bucket DESC LIMIT 500",
      [.int4(instrument)], format: .binary
    ).count
  }

  nonisolated(nonsending) func databaseMegabytes() async throws -> Int {
    try await connection.query("SELECT pg_database_size(current_database()) >> 20").only()[0].int
  }

  /// The same of a hypertable.
  nonisolated(nonsending) func hypertableBytes() async throws -> (bytes: Int, ticks: Int) {
    let row = try await connection.query(
      "SELECT public.hypertable_size('market.ticks'), (SELECT count(*) FROM market.ticks)"
    ).only()
    return (try row[0].int, try row[1].int)
  }

  /// The latest 500 candles as the real-time aggregate has them.
  nonisolated(nonsending) func readAggregate(_ instrument: Int32) async throws -> Int {
    try await connection.execute(
      "SELECT h.* FROM market.history_1m AS h WHERE h.instrument_id = $1 ORDER BY h.bucket DESC LIMIT 500",
      [.int4(instrument)], format: .binary
    ).count
  }

  nonisolated(nonsending) func refreshHistory() async throws {
    for level in ["1m", "5m", "15m"] {
      try await connection.script("CALL public.refresh_continuous_aggregate('market.history_\(level)', NULL, NULL)")
    }
  }

  /// Packs the small batches that came straight into the columnstore into whole ones.
  nonisolated(nonsending) func compressTicks() async throws {
    for action in ["decompress_chunk", "compress_chunk"] {
      _ = try await connection.query(
        """
        SELECT public.\(action)(format('%I.%I', c.chunk_schema, c.chunk_name)::regclass) FROM timescaledb_information.chunks AS c
         WHERE c.hypertable_name = 'ticks' AND c.is_compressed = ('\(action)' = 'decompress_chunk')
        """)
    }
  }
}
