import Feeds
import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// Whatever the batches, the order of arrival, the ways in, the failures and the tier: candles of all lengths are an aggregate
/// of all ticks. `Tests/timescaledb/run.sh` runs it in the tier of TimescaleDB, where days are archived and compressed meanwhile.
@Suite(.needsServer, .commonTimeLimit)
struct CandlePropertyTests {
  private typealias Row = (tick: Tick, isSuspicious: Bool)

  /// Three instruments over two days, with equal times and suspicious ticks.
  private static func synthetic(_ random: inout SeededGenerator) throws -> [Row] {
    let start = try Timestamp("2013-10-07T08:00:00Z")
    var rows: [Row] = []
    for index in 0..<9_000 {
      let cents: Int = Int.random(in: 9_000...11_000, using: &random)
      let size: Int = Int.random(in: 0...500, using: &random)
      let instrument: Int32 = Int32(index % 3) + 1
      let offset: Int64 = Int64(index / 6) * 97_300_000
      let sequence: Int64 = Int64((index % 6) / 3)
      let price: Double = Double(cents) / 100.0
      let time = try start.advanced(byMicroseconds: offset)
      let tick = Tick(instrument: instrument, time: time, price: price, size: Double(size), sequence: sequence)
      let isSuspicious: Bool = Int.random(in: 0..<30, using: &random) == 0
      rows.append((tick: tick, isSuspicious: isSuspicious))
    }
    return rows
  }

  private static func tape(of paths: [String]) throws -> [Row] {
    let listings = ["IBM": 1, "BAC": 2, "AIG": 3].mapValues {
      Listing(instrument: $0, timeZone: "America/New_York")
    }
    var rows: [Row] = []
    for path in paths {
      let feed = try TickFileFeed(path, instruments: listings)
      while let batch = try feed.read(upTo: 10_000) {
        for index in batch.ticks.indices {
          rows.append((tick: batch.ticks[index], isSuspicious: batch.isSuspicious[index]))
        }
      }
    }
    return rows
  }

  /// Parts of the tape arrive shuffled or hours late, and some arrive twice.
  private static func arrivals(
    _ tape: [Row], _ random: inout SeededGenerator
  ) -> (once: [Row], again: [Row]) {
    var once: [Row] = []
    var late: [Row] = []
    var again: [Row] = []
    var rest = tape[...]
    while !rest.isEmpty {
      let length = Int.random(in: 1...2_000, using: &random)
      var part: [Row] = Array(rest.prefix(length))
      rest = rest.dropFirst(part.count)
      switch Int.random(in: 0..<10, using: &random) {
      case 0: late += part
      case 1, 2:
        part.shuffle(using: &random)
        once += part
      case 3:
        again += part
        once += part
      default: once += part
      }
      if late.count > 5_000 {
        once += late
        late = []
      }
    }
    return (once + late, again)
  }

  private struct Undone: Error {}

  private struct Delivery {
    var batch = TickBatch()
    var isRepeated: Bool
    /// Any client's INSERT, whose trigger keeps the candles, instead of the runner's COPY.
    var isSQL = false
    /// It fails before it commits, and comes again.
    var isUndone: Bool
    /// The writer that begins after it knows nothing.
    var isRestart: Bool
    /// What the scheduler of TimescaleDB does comes in between.
    var isHousekeeping: Bool
  }

  private static func deliveries(_ rows: [Row], isRepeated: Bool, _ random: inout SeededGenerator) -> [Delivery] {
    var deliveries: [Delivery] = []
    var rest = rows[...]
    while !rest.isEmpty {
      let longest: Int = Self.lengths.randomElement(using: &random)!
      let part: ArraySlice<Row> = rest.prefix(Int.random(in: 1...longest, using: &random))
      var delivery = Delivery(
        isRepeated: isRepeated, isUndone: Int.random(in: 0..<8, using: &random) == 0,
        isRestart: Int.random(in: 0..<8, using: &random) == 0,
        isHousekeeping: Int.random(in: 0..<20, using: &random) == 0)
      // A client has to know itself what is stored.
      delivery.isSQL = !isRepeated && Int.random(in: 0..<4, using: &random) == 0
      if !delivery.isUndone { rest = rest.dropFirst(part.count) }
      for row in part { delivery.batch.append(row.tick, isSuspicious: row.isSuspicious) }
      deliveries.append(delivery)
    }
    return deliveries
  }

  private static func deliver(_ delivery: Delivery, _ lane: TickLane) async throws {
    let store = EngineStore(lane.connection)
    let days = delivery.batch.days
    let targets = Dictionary(uniqueKeysWithValues: zip(days, try await store.tickTargets(days: days)))
    do {
      if delivery.isSQL {
        try await lane.connection.script("BEGIN")
        try await insert(delivery.batch, lane.connection)
      } else {
        var stored = try await lane.begin(delivery.batch, targets: targets, merging: delivery.isRepeated)
        if !stored.claims.isEmpty, try await store.claimTicks(stored.claims) {
          try await lane.rollback()
          stored = try await lane.begin(delivery.batch, targets: targets, merging: true)
        }
        if !stored.parts.isEmpty { try await store.run([EngineStore.addCandles(stored.parts)]) }
      }
      if delivery.isUndone { throw Undone() }
      try await lane.commit()
    } catch {
      try await lane.rollback()
      throw error
    }
  }

  private static func insert(_ batch: TickBatch, _ connection: Connection) async throws {
    try await connection.script("SET LOCAL bourse.runner = 'off'")
    try await connection.query(
      """
      INSERT INTO market.ticks (instrument_id, ts, seq, price, size, suspicious)
      SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::float8[], $5::float8[], $6::boolean[])
      """,
      [
        .int4s(batch.ticks.map(\.instrument)), .timestamptzs(batch.ticks.map(\.time.microseconds)),
        .int8s(batch.ticks.map(\.sequence)), .float8s(batch.ticks.map(\.price)), .float8s(batch.ticks.map(\.size)),
        .bools(batch.isSuspicious),
      ])
  }

  /// In the tier of TimescaleDB: candles of days that are over go to the continuous aggregates, and ticks into whole batches
  /// of the columnstore.
  private static func keepHouse(_ connection: Connection) async throws {
    try await connection.query("CALL market.archive_candles(config => '{\"keep\": \"1 hour\"}')")
    try await connection.query(
      "SELECT compress_chunk(c, if_not_compressed => true) FROM show_chunks('market.ticks') AS c")
  }

  /// How many candles there are, in the view or by brute force, and how many of them are equal.
  private static func comparison(_ candles: String, bucket: String) -> String {
    """
    WITH brute AS (
      SELECT t.instrument_id, \(bucket) AS bucket, (array_agg(t.price ORDER BY t.ts, t.seq))[1] AS open, max(t.price) AS high,
             min(t.price) AS low, (array_agg(t.price ORDER BY t.ts DESC, t.seq DESC))[1] AS close, sum(t.size) AS volume,
             sum(t.price * t.size) / nullif(sum(t.size), 0) AS vwap, count(*) AS ticks
        FROM market.ticks AS t WHERE NOT t.suspicious GROUP BY 1, 2)
    SELECT count(*), count(b.bucket) FILTER (WHERE
             (b.open, b.high, b.low, b.close, b.volume, b.ticks) IS NOT DISTINCT FROM (c.open, c.high, c.low, c.close, c.volume, c.ticks)
             AND (b.vwap IS NULL AND c.vwap IS NULL OR abs(b.vwap - c.vwap) < 1e-9 * b.vwap))
      FROM brute AS b FULL JOIN \(candles) AS c USING (instrument_id, bucket)
    """
  }

  /// Candles of other lengths, and where the bucket of a tick `t` begins: counted from the open, and ended by midnight.
  private static let others: KeyValuePairs<String, String> = [
    "30 seconds": "date_bin('30 seconds', t.ts, '2000-01-01Z')",
    "3 minutes": "date_bin('3 minutes', t.ts, '2013-10-07 13:30Z')",
    "2 hours":
      "greatest(date_trunc('day', t.ts, 'America/New_York'), date_bin('2 hours', t.ts, '2013-10-07 13:30Z'))",
    "1 week": "date_trunc('week', t.ts, 'America/New_York')",
  ]

  private static let lengths = [1, 30, 1_000, 20_000]

  /// Each view, and where the bucket of a tick `t` begins.
  private static let views: KeyValuePairs<String, String> = [
    "candles_1m": "date_bin('1 minute', t.ts, '2000-01-01Z')",
    "candles_5m": "date_bin('5 minutes', t.ts, '2000-01-01Z')",
    "candles_15m": "date_bin('15 minutes', t.ts, '2000-01-01Z')",
    "candles_1h": "date_bin('1 hour', t.ts, '2000-01-01 00:30Z')",
    "candles_1d": "date_trunc('day', t.ts, 'America/New_York')",
  ]

  @Test(arguments: seeds(4))
  func candlesAreAnAggregateOfAllTicks(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    if seed == 1, !RealFile.areThere { print("skipped: the real tick files are not in \(RealFile.folder)") }
    let paths = seed == 1 && RealFile.areThere ? [RealFile.ticksOfMonday.path, RealFile.ticksOfTuesday.path] : []
    let tape: [Row] = paths.isEmpty ? try Self.synthetic(&random) : try Self.tape(of: paths)
    try await TestDatabase.withSchema(
      "SELECT market.add_instrument(symbol => s) FROM unnest('{IBM,BAC,AIG}'::text[]) AS s"
    ) {
      _, connection in
      try await connection.script("SET bourse.runner = 'on'")
      let (once, again) = Self.arrivals(tape, &random)
      let isPlain = try await connection.query("SELECT market.storage_tier() = 'plain'").only()[0].bool
      #expect(isPlain != TestServer.isTimescale)
      var lane = TickLane(connection)
      for delivery in Self.deliveries(once, isRepeated: false, &random)
        + Self.deliveries(again, isRepeated: true, &random)
      {
        do { try await Self.deliver(delivery, lane) } catch is Undone {}
        if delivery.isRestart { lane = TickLane(connection) }
        if delivery.isHousekeeping && !isPlain { try await Self.keepHouse(connection) }
      }
      let stored = try await connection.query("SELECT count(*) FROM market.ticks").only()[0].int
      #expect(stored == tape.count)
      if !isPlain { try await Self.checkArchived(connection) }
      for pair in Self.views { try await Self.check("market.\(pair.key)", bucket: pair.value, connection) }
      for pair in Self.others {
        let candles =
          "(SELECT i.instrument_id, c.* FROM market.instruments AS i, market.candles(i.symbol, '\(pair.key)') AS c)"
        try await Self.check(candles, bucket: pair.value, connection)
      }
    }
  }

  private static func check(_ candles: String, bucket: String, _ connection: Connection) async throws {
    let counts = try await connection.query(comparison(candles, bucket: bucket)).only()
    let all = try counts[0].int
    let equal = try counts[1].int
    #expect(all > 0)
    #expect(all == equal, "\(candles)")
  }

  /// What is compared then comes out of the aggregates and the columnstore, too.
  private static func checkArchived(_ connection: Connection) async throws {
    try await keepHouse(connection)
    #expect(try await connection.query("SELECT count(*) FROM market.archived_days").only()[0].int > 0)
  }
}
