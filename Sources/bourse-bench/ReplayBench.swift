import ArgumentParser
import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Migrator
import Runner
import Telemetry

struct BenchReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replay of a tick file through the whole durable pipeline, beside a bare COPY of the same ticks.",
    discussion: """
      Interleaved runs: (a) the ticks, parsed before the clock starts, by binary COPY into market.ticks, one transaction \
      for each batch; (b) `bourse replay` of the file: reading, storing, one-minute candles, one agent per symbol, orders, \
      fills, ledger, cursor. Both commit durably and in batches of the same size. (c) is (b) with metrics that are scraped \
      every second, figures of the database included. (d) is (b) beside the alerts of `bourse run`, with the rules that come \
      with the engine.
      """)

  @Argument(help: "CSV file with ticks, also .gz.")
  var file: String

  @OptionGroup var server: ServerOptions

  @Option(help: ArgumentHelp("Runs of each.", valueName: "count"))
  var runs = 5

  @Option(help: ArgumentHelp("Ticks in one transaction.", valueName: "ticks"))
  var batch = Bench.tickBatch

  private struct Sample {
    var copy: Double
    var replay: Double
    /// With metrics.
    var watched: Double
    /// With alerts.
    var alerted: Double
    var events: Int
    var orders: Int
    /// Seconds of processor time.
    var copyProcessor: Double?
    var replayProcessor: Double?
  }

  func run() async throws {
    guard runs >= 1, runs <= 100, batch >= 1 else { throw ValidationError("--runs takes 1 to 100, --batch at least 1") }
    let maintenance = server.maintenance
    var samples: [Sample] = []
    for run in 1...runs {
      let (copy, copyProcessor) = try await BenchDatabase.with("copy_\(run)", maintenance) { options in
        try await ProcessorTime.measure(options) { try await timedCopy(options) }
      }
      let (replay, replayProcessor) = try await BenchDatabase.with("replay_\(run)", maintenance) { options in
        try await ProcessorTime.measure(options) { try await timedReplay(options) }
      }
      let watched = try await BenchDatabase.with("watched_\(run)", maintenance) { options in
        try await timedReplay(options, beside: .metrics)
      }
      let alerted = try await BenchDatabase.with("alerted_\(run)", maintenance) { options in
        try await timedReplay(options, beside: .alerts)
      }
      samples.append(
        Sample(
          copy: copy, replay: replay.seconds, watched: watched.seconds, alerted: alerted.seconds,
          events: replay.events, orders: replay.orders,
          copyProcessor: copyProcessor, replayProcessor: replayProcessor))
    }
    let copy = BenchDatabase.median(samples.map { Double($0.events) / $0.copy })
    let replay = BenchDatabase.median(samples.map { Double($0.events) / $0.replay })
    let ratio = BenchDatabase.median(samples.map { $0.copy / $0.replay })
    print(
      "bench replay_ticks: \(Int(replay)) ticks/s, ratio \(String(rounding: ratio)) of a bare COPY at \(Int(copy)) ticks/s (aim 0.50)"
    )
    let watched = BenchDatabase.median(samples.map { Double($0.events) / $0.watched })
    print(
      "bench replay_metrics: \(Int(watched)) ticks/s with metrics, ratio \(String(rounding: BenchDatabase.median(samples.map { $0.replay / $0.watched }))) of a replay without at \(Int(replay)) ticks/s (aim 0.95)"
    )
    let alerted = BenchDatabase.median(samples.map { Double($0.events) / $0.alerted })
    print(
      "bench replay_alerts: \(Int(alerted)) ticks/s beside alerts, ratio \(String(rounding: BenchDatabase.median(samples.map { $0.replay / $0.alerted }))) of a replay without at \(Int(replay)) ticks/s (aim 0.95)"
    )
    note(
      "\(samples[0].events) ticks, \(samples[0].orders) orders, \(runs) runs; replay "
        + "\(samples.map { String(rounding: $0.replay, digits: 3) }.joined(separator: " ")) s, copy "
        + "\(samples.map { String(rounding: $0.copy, digits: 3) }.joined(separator: " ")) s; by processor time, with what "
        + "comes before and after, \(ProcessorTime.ratio(samples.map(\.copyProcessor), samples.map(\.replayProcessor)))"
    )
  }

  private func timedCopy(_ options: ConnectionOptions) async throws -> Double {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    let symbols = try TickFileFeed.symbols(of: file)
    let listings = try await store.listings(of: symbols, exchange: nil)
    let feed = try TickFileFeed(
      file, instruments: listings.mapValues(Listing.init))
    var batches: [TickBatch] = []
    while let next = try feed.read(upTo: batch) { batches.append(next) }
    var targets: [Int64: String] = [:]
    for batch in batches {
      guard let day = batch.ticks.first?.time.day, targets[day] == nil else { continue }
      targets[day] = try await store.tickTargets(days: [day])[0].table
    }
    var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 1 << 20)
    let start = ContinuousClock.now
    for batch in batches {
      guard let day = batch.ticks.first?.time.day, let target = targets[day] else { continue }
      let copy = try await store.copyTicks(columns: TickBatch.columns, into: target)
      batch.write(to: &rows)
      try await copy.send(&rows)
      try await copy.finish()
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    await connection.close()
    return seconds
  }

  private enum Company { case nobody, metrics, alerts }

  private func timedReplay(_ options: ConnectionOptions, beside company: Company = .nobody) async throws -> TimedReplay
  {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    try await store.setUpBench(symbols: try TickFileFeed.symbols(of: file))
    let replay =
      switch company {
      case .nobody: try await TimedReplay(of: [file], store, options, batch: batch)
      case .metrics:
        try await watched(options) { try await TimedReplay(of: [file], store, options, batch: batch, metrics: $0) }
      case .alerts: try await alerted(options) { try await TimedReplay(of: [file], store, options, batch: batch) }
      }
    await connection.close()
    return replay
  }
}

/// Runs `body` beside a monitoring system that looks every second.
private func watched(
  _ options: ConnectionOptions, _ body: (RunnerMetrics) async throws -> TimedReplay
) async throws -> TimedReplay {
  let registry = PrometheusRegistry(RunnerMetrics.descriptions)
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      let database = DatabaseFigures(options, lifetime: .zero)
      while !Task.isCancelled {
        var text = registry.text
        text.append(await database.figures())
        try? await Task.sleep(for: .seconds(1))
      }
      await database.close()
    }
    defer { group.cancelAll() }
    return try await body(RunnerMetrics(factory: registry))
  }
}

/// Runs `body` beside the alerts of the service.
private func alerted(
  _ options: ConnectionOptions, _ body: () async throws -> TimedReplay
) async throws -> TimedReplay {
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      try await AlertService(database: options, key: nil, mail: nil, logger: Bench.logger()).run()
    }
    defer { group.cancelAll() }
    return try await body()
  }
}

/// A replay of tick files as `bourse replay` does it: the time from before the files are opened.
struct TimedReplay {
  let seconds: Double
  let events: Int
  let orders: Int
  let fills: Int

  init(
    of files: [String], _ store: EngineStore, _ options: ConnectionOptions, batch: Int,
    metrics: RunnerMetrics = RunnerMetrics()
  ) async throws {
    let start = ContinuousClock.now
    let listings = try await store.listings(exchange: nil)
    let feed = try FileTickFeed(paths: files, options: FileOptions(), listings: listings.mapValues(Listing.init))
    let runner = Bench.runner(options, feed, batch: batch, metrics: metrics)
    try await runner.run()
    seconds = (ContinuousClock.now - start) / .seconds(1)
    events = runner.figures.events
    orders = try await store.orderCount()
    fills = try await store.fillCount()
  }
}
