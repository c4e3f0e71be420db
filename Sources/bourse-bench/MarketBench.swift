import ArgumentParser
import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Runner
import Synchronization
import TradingCore

struct BenchIngest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract: "Storing of ticks by the runner, beside bare COPY of the same ticks.",
    discussion: """
      Interleaved runs over a tape of 100 instruments: (i) binary COPY into a table without index; (ii) the same into daily \
      partitions with an index on (instrument_id, ts DESC); (iii) the runner: ticks, candles of all lengths, journaled closes, \
      latest quotes, one agent, cursor. All commit durably and in batches of the same size.
      """)

  @OptionGroup var server: ServerOptions
  @Option var ticks = 5_000_000
  @Option var instruments = 100
  @Option var batch = Bench.tickBatch
  @Option var runs = 3

  func run() async throws {
    let maintenance = server.maintenance
    let ids = Array(1...Int32(instruments))
    var bare: [Double] = []
    var indexed: [Double] = []
    var full: [Double] = []
    var bytes = 0.0
    for run in 1...runs {
      bare.append(
        try await BenchDatabase.with("bare_\(run)", maintenance) {
          try await BenchTickIndex.copy(try tape(ids), into: nil, $0).seconds
        })
      indexed.append(
        try await BenchDatabase.with("indexed_\(run)", maintenance) {
          try await BenchTickIndex.copy(try tape(ids), into: .byInstrument, $0).seconds
        })
      full.append(
        try await BenchDatabase.with("ingest_\(run)", maintenance) { options in
          let seconds = try await timedIngest(options)
          let connection = try await Connection.connect(options)
          let size = try await EngineStore(connection).tickBytes()
          guard size.ticks == ticks else { throw Spoiled("\(size.ticks) ticks were stored instead of \(ticks)") }
          bytes = Double(size.bytes) / Double(size.ticks)
          await connection.close()
          return seconds
        })
    }
    func rate(_ seconds: [Double]) -> Int { Int(Double(ticks) / BenchDatabase.median(seconds)) }
    func ratio(_ base: [Double]) -> String {
      String(rounding: BenchDatabase.median(zip(base, full).map { $0 / $1 }))
    }
    print(
      "bench ingest: \(rate(full)) ticks/s, ratio \(ratio(indexed)) of a bare COPY into partitions with an index by instrument at \(rate(indexed)) ticks/s (aim 1.00)"
    )
    print(
      "bench ingest_unindexed: \(rate(full)) ticks/s, ratio \(ratio(bare)) of a bare COPY into a table without index at \(rate(bare)) ticks/s (aim 0.50)"
    )
    print(
      "bench tick_bytes: \(Int(bytes.rounded())) bytes/tick on disk, ratio \(String(rounding: bytes / 28)) of 28 bytes of data (aim none)"
    )
  }

  func tape(_ ids: [Int32]) throws -> BenchTape {
    try BenchTape(instruments: ids, count: ticks, batchSize: batch, start: "2024-01-08T14:30:00Z", seconds: 23_400)
  }

  func timedIngest(_ options: ConnectionOptions) async throws -> Double {
    let connection = try await Connection.connect(options)
    let ids = try await EngineStore(connection).setUpMarketBench(instruments: instruments)
    await connection.close()
    let runner = Bench.runner(options, BenchFeed(try tape(ids)), batch: batch)
    let start = ContinuousClock.now
    try await runner.run()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}

struct BenchTickIndex: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick-index",
    abstract: "Bare COPY of ticks into daily partitions under different indexes, and their size.")

  @OptionGroup var server: ServerOptions
  @Option var ticks = 5_000_000

  func run() async throws {
    let maintenance = server.maintenance
    let tape = try BenchTape(
      instruments: Array(1...100), count: ticks, batchSize: Bench.tickBatch, start: "2024-01-08T14:30:00Z",
      seconds: 23_400)
    let bare = try await BenchDatabase.with("index", maintenance) {
      try await Self.copy(tape, into: nil, $0).seconds
    }
    for index in EngineStore.BareIndex.allCases {
      let (seconds, bytes) = try await BenchDatabase.with("index", maintenance) {
        try await Self.copy(tape, into: index, $0)
      }
      print(
        "bench tick_index/\(index): \(Int(Double(ticks) / seconds)) ticks/s with \(bytes / ticks) bytes/tick of \(index.columns), ratio \(String(rounding: bare / seconds)) of no index at \(Int(Double(ticks) / bare)) ticks/s (aim none)"
      )
    }
  }

  /// Copies a tape, a transaction for each batch.
  static func copy(
    _ tape: BenchTape, into index: EngineStore.BareIndex?, _ options: ConnectionOptions
  ) async throws -> (seconds: Double, indexBytes: Int) {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    let table = try await store.makeBareTable(index, days: tape.days)
    var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
    let start = ContinuousClock.now
    for index in 0..<tape.batchCount {
      let batch = try tape.batch(index)
      let copy = try await store.copyTicks(columns: TickBatch.columns, into: table)
      batch.write(to: &rows)
      try await copy.send(&rows)
      try await copy.finish()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let bytes = index == nil ? 0 : try await store.bareIndexBytes()
    await connection.close()
    return (seconds, bytes)
  }
}

struct BenchCandles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "candles-read",
    abstract:
      "The last 500 one-minute candles of an instrument while ticks are being stored, beside 500 rows by primary key.")

  @OptionGroup var server: ServerOptions
  @Option var ticks = 3_000_000
  @Option var instruments = 100

  func run() async throws {
    let maintenance = server.maintenance
    let (candles, rows) = try await BenchDatabase.with("candles", maintenance) { try await measure($0) }
    print(
      "bench candles_read: \(String(rounding: BenchDatabase.percentile(99, candles) * 1000, digits: 3)) ms p99, ratio \(String(rounding: BenchDatabase.percentile(99, candles) / BenchDatabase.percentile(99, rows))) of 500 rows by primary key at \(String(rounding: BenchDatabase.percentile(99, rows) * 1000, digits: 3)) ms p99 (aim 3.00)"
    )
    note(
      "\(candles.count) reads of each; medians \(String(rounding: BenchDatabase.median(candles) * 1000, digits: 3)) and \(String(rounding: BenchDatabase.median(rows) * 1000, digits: 3)) ms"
    )
  }

  private func measure(_ options: ConnectionOptions) async throws -> (candles: [Double], rows: [Double]) {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    let ids = try await store.setUpMarketBench(instruments: instruments)
    // Ten hours of minutes first, so that there are 500 candles.
    try await Self.ingest(options, ids, count: 1_000_000, start: "2024-01-08T00:00:00Z", seconds: 36_000)
    try await store.makeKeyedRows()
    var candles: [Double] = []
    var rows: [Double] = []
    let done = Flag()
    let count = ticks
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { done.isSet.withLock { $0 = true } }
        try await Self.ingest(options, ids, count: count, start: "2024-01-08T14:30:00Z", seconds: 23_400)
      }
      var turn = 0
      while !done.isSet.withLock({ $0 }) {
        let id = ids[turn * 37 % ids.count]
        turn += 1
        var start = ContinuousClock.now
        let count = try await store.readCandles(id)
        candles.append((ContinuousClock.now - start) / .seconds(1))
        guard count == 500 else { throw Spoiled("\(count) candles instead of 500") }
        start = ContinuousClock.now
        _ = try await store.readKeyedRows(id)
        rows.append((ContinuousClock.now - start) / .seconds(1))
      }
      try await group.waitForAll()
    }
    await connection.close()
    return (candles, rows)
  }

  private final class Flag: Sendable { let isSet = Mutex(false) }

  private static func ingest(_ options: ConnectionOptions, _ ids: [Int32], count: Int, start: String, seconds: Int)
    async throws
  {
    let tape = try BenchTape(
      instruments: ids, count: count, batchSize: Bench.tickBatch, start: start, seconds: seconds)
    try await Bench.runner(options, BenchFeed(tape, name: "bench \(start)")).run()
  }
}

struct BenchDay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "day",
    abstract: "A long day of ticks through the runner: time, disk and memory as it goes, and what candles cost then.",
    discussion: """
      Prints a row for each tenth of the ticks: the runner's memory has to stay flat. Before and after, the upkeep of candles \
      for 10,000 new ticks is measured: its cost follows what changes and not what is stored.
      """)

  @OptionGroup var server: ServerOptions
  @Option var ticks = 50_000_000
  @Option var instruments = 100

  func run() async throws {
    let maintenance = server.maintenance
    try await BenchDatabase.with("day", maintenance) { options in
      let connection = try await Connection.connect(options)
      let store = EngineStore(connection)
      let ids = try await store.setUpMarketBench(instruments: instruments)
      let first = min(1_000_000, ticks / 2)
      try await ingest(options, try tape(ids, first, "2024-01-08T10:00:00Z", 14_400), "before")
      let before = try await upkeep(connection, ids, "2024-01-08T14:05:00Z")
      print("    ticks   seconds   ticks/s   runner MB   database MB")
      let start = ContinuousClock.now
      let part = (ticks - first) / 10
      for tenth in 0..<10 {
        let minutes = 14 * 60 + 30 + tenth * 39
        let begin = "2024-01-08T\(minutes / 60):\(minutes % 60 / 10)\(minutes % 10):00Z"
        try await ingest(options, try tape(ids, part, begin, 2_340), "part \(tenth)")
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        print(
          [
            String(first + (tenth + 1) * part).leftPadded(9), String(rounding: seconds, digits: 1).leftPadded(9),
            String(Int(Double((tenth + 1) * part) / seconds)).leftPadded(9),
            String(BenchDatabase.residentMegabytes).leftPadded(11),
            String(try await store.databaseMegabytes()).leftPadded(13),
          ].joined(separator: " "))
      }
      let after = try await upkeep(connection, ids, "2024-01-08T21:05:00Z")
      print(
        "bench refresh_cost: \(String(rounding: after * 1000, digits: 2)) ms for the candles of 10,000 ticks with \(ticks) stored, ratio \(String(rounding: after / before)) of the same with \(first) (aim 1.30)"
      )
      await connection.close()
    }
  }

  private func tape(_ ids: [Int32], _ count: Int, _ start: String, _ seconds: Int) throws -> BenchTape {
    try BenchTape(instruments: ids, count: count, batchSize: Bench.tickBatch, start: start, seconds: seconds)
  }

  private func ingest(_ options: ConnectionOptions, _ tape: BenchTape, _ name: String) async throws {
    try await Bench.runner(options, BenchFeed(tape, name: name)).run()
  }

  /// Median seconds of market.add_candles for each of 21 batches, in transactions of their own with their ticks.
  private func upkeep(_ connection: Connection, _ ids: [Int32], _ start: String) async throws -> Double {
    let store = EngineStore(connection)
    try await connection.script("SET bourse.runner = 'on'")
    let tape = try tape(ids, 210_000, start, 984)
    var samples: [Double] = []
    for index in 0..<tape.batchCount {
      let batch = try tape.batch(index)
      var fold = MinuteFold()
      for tick in batch.ticks { fold.add(tick) }
      let parts = fold.parts
      samples.append(
        try await connection.transaction { connection in
          let target = try await store.tickTargets(days: [tape.start.day])[0].table
          var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
          batch.write(to: &rows)
          let copy = try await store.copyTicks(columns: TickBatch.columns, into: target)
          try await copy.send(&rows)
          try await copy.finish()
          let start = ContinuousClock.now
          try await store.run([EngineStore.addCandles(parts)])
          return (ContinuousClock.now - start) / .seconds(1)
        })
    }
    return BenchDatabase.median(samples)
  }
}
