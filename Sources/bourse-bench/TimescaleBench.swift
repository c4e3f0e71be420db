import ArgumentParser
import EngineStore
import FoundationEssentials
import LibPQ
import Runner

struct BenchTimescale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timescaledb",
    abstract:
      "The storage tier of TimescaleDB: ingest beside bare COPY, bytes on disk, and what continuous aggregates cost.",
    discussion: """
      Interleaved runs over a tape of 100 instruments: binary COPY into a table without index, and the runner with all that it \
      does. Then, over the ticks of the last run: their size as they came and after compression, the last 500 one-minute \
      candles out of kept rows and out of the real-time aggregate, and a refresh of all continuous aggregates.
      """)

  @OptionGroup var server: ServerOptions
  @Option var ticks = 5_000_000
  @Option var instruments = 100
  @Option var batch = Bench.tickBatch
  @Option var runs = 3

  func run() async throws {
    let maintenance = server.maintenance
    let ingest = try BenchIngest.parse([
      "--ticks", "\(ticks)", "--instruments", "\(instruments)", "--batch", "\(batch)",
    ])
    var bare: [Double] = []
    var full: [Double] = []
    var bareProcessor: [Double?] = []
    var fullProcessor: [Double?] = []
    for run in 1...runs {
      let copied = try await BenchDatabase.with("bare_\(run)", maintenance) { options in
        try await ProcessorTime.measure(options) {
          try await BenchTickIndex.copy(try ingest.tape(Array(1...Int32(instruments))), into: nil, options).seconds
        }
      }
      let stored = try await BenchDatabase.with("timescaledb_\(run)", maintenance, timescaledb: true) { options in
        let stored = try await ProcessorTime.measure(options) { try await ingest.timedIngest(options) }
        if run == runs { try await measureStored(options) }
        return stored
      }
      bare.append(copied.result)
      full.append(stored.result)
      bareProcessor.append(copied.processor)
      fullProcessor.append(stored.processor)
    }
    func rate(_ seconds: [Double]) -> Int { Int(Double(ticks) / BenchDatabase.median(seconds)) }
    let ratio = BenchDatabase.median(zip(bare, full).map { $0 / $1 })
    print(
      "bench ingest_timescaledb: \(rate(full)) ticks/s, ratio \(String(rounding: ratio)) of a bare COPY into a table without index at \(rate(bare)) ticks/s (aim 0.80)"
    )
    note("ratio \(ProcessorTime.ratio(bareProcessor, fullProcessor)) by processor time")
  }

  private func measureStored(_ options: ConnectionOptions) async throws {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    let size = try await store.hypertableBytes()
    guard size.ticks == ticks else { throw Spoiled("\(size.ticks) ticks were stored instead of \(ticks)") }
    let aggregated = try await milliseconds { _ = try await store.readAggregate(1) }
    let kept = try await milliseconds { _ = try await store.readCandles(1) }
    print(
      "bench realtime_aggregate_read: \(String(rounding: aggregated)) ms for 500 candles out of ticks, ratio \(String(rounding: aggregated / kept)) of kept ones at \(String(rounding: kept)) ms (aim none)"
    )
    let refresh = try await milliseconds(runs: 1) { try await store.refreshHistory() }
    let materialised = try await milliseconds { _ = try await store.readAggregate(1) }
    print(
      "bench aggregate_refresh: \(String(rounding: refresh)) ms for \(ticks) ticks, ratio \(String(rounding: materialised / kept)) of reading 500 candles from it then and of kept ones (aim none)"
    )
    try await store.compressTicks()
    let bytes = (Double(size.bytes) / Double(ticks), Double(try await store.hypertableBytes().bytes) / Double(ticks))
    print(
      "bench tick_bytes_timescaledb: \(String(rounding: bytes.1)) bytes/tick compressed and \(String(rounding: bytes.0)) as they came, ratio \(String(rounding: bytes.1 / 28)) of 28 bytes of data (aim none)"
    )
    await connection.close()
  }

  private func milliseconds(runs: Int = 20, _ body: () async throws -> Void) async throws -> Double {
    var samples: [Double] = []
    for _ in 0..<runs {
      let start = ContinuousClock.now
      try await body()
      samples.append((ContinuousClock.now - start) / .milliseconds(1))
    }
    return BenchDatabase.median(samples)
  }
}
