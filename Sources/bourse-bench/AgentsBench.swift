import ArgumentParser
import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Runner
import Subprocess
import SystemPackage

struct BenchAgents: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay-agents",
    abstract:
      "Replay of tick files with an agent per symbol, beside NautilusTrader's backtest of the same ticks in memory.",
    discussion: """
      Interleaved runs of the same idea: two exponential averages of one-minute closes that cross, long only, a fixed quantity. \
      (a) `bourse replay` of the files: reading, storing, candles, agents, orders, fills, ledger, all of it committed durably; \
      (b) the backtest, whose clock runs from the first tick that it is given to the last: its ticks are read and made before. \
      Both are counted by the ticks that they act on. Prints how many orders and fills came of each.
      """)

  @Argument(help: "CSV files with ticks, also .gz, in order of time.")
  var files: [String]

  @OptionGroup var server: ServerOptions

  @Option(help: ArgumentHelp("A Python with nautilus_trader.", valueName: "path"))
  var python: String

  @Option(help: ArgumentHelp("The peer's script.", valueName: "path"))
  var peer = "Benchmarks/agents/nautilus.py"

  @Option(help: ArgumentHelp("Runs of each.", valueName: "count"))
  var runs = 3

  @Option(help: ArgumentHelp("Ticks in one transaction.", valueName: "ticks"))
  var batch = Bench.tickBatch

  private static let fast = 20
  private static let slow = 50
  private static let quantity = 100

  private static let strategy = BenchStrategy(
    parameters: """
      {"entry": "crosses_above(ema(close, $fast), ema(close, $slow))", "exit": "crosses_below(ema(close, $fast), ema(close, $slow))",
       "sizing": {"method": "fixed_quantity", "quantity": \(quantity)}, "params": {"fast": \(fast), "slow": \(slow)}}
      """)

  private struct Sample {
    var seconds: Double
    var processor: Double?
    var orders: Int
    var fills: Int
  }

  func run() async throws {
    guard runs >= 1, runs <= 100, batch >= 1 else { throw ValidationError("--runs takes 1 to 100, --batch at least 1") }
    let maintenance = server.maintenance
    let tape = FileManager.default.temporaryDirectory.appending(
      path: "bourse-bench-\(UInt64.random(in: 0 ... .max)).csv")
    defer { try? FileManager.default.removeItem(at: tape) }
    var ticks = 0
    var replays: [Sample] = []
    var backtests: [Sample] = []
    for run in 1...runs {
      replays.append(
        try await BenchDatabase.with("agents_\(run)", maintenance) { options in
          let connection = try await Connection.connect(options)
          let store = EngineStore(connection)
          try await store.setUpBench(symbols: try symbols(), Self.strategy)
          if run == 1 { ticks = try await writeTape(tape, store) }
          let (replay, processor) = try await ProcessorTime.measure(options, besides: 1) {
            try await TimedReplay(of: files, store, options, batch: batch)
          }
          await connection.close()
          return Sample(seconds: replay.seconds, processor: processor, orders: replay.orders, fills: replay.fills)
        })
      backtests.append(try await backtest(tape, expecting: ticks))
    }
    report(ticks, replays, backtests)
  }

  private func report(_ ticks: Int, _ replays: [Sample], _ backtests: [Sample]) {
    func rate(_ samples: [Sample]) -> Int { Int(Double(ticks) / BenchDatabase.median(samples.map(\.seconds))) }
    func list(_ samples: [Sample]) -> String {
      samples.map { String(rounding: $0.seconds, digits: 3) }.joined(separator: " ")
    }
    let ratio = BenchDatabase.median(zip(replays, backtests).map { $1.seconds / $0.seconds })
    print(
      "bench replay_agents: \(rate(replays)) ticks/s durable, ratio \(String(rounding: ratio)) of NautilusTrader in memory at \(rate(backtests)) ticks/s (aim 1.50)"
    )
    note(
      "\(ticks) ticks; \(replays[0].orders) orders and \(replays[0].fills) fills, NautilusTrader \(backtests[0].orders) and \(backtests[0].fills); "
        + "replay \(list(replays)) s, NautilusTrader \(list(backtests)) s; by processor time of program and server "
        + ProcessorTime.ratio(backtests.map(\.processor), replays.map(\.processor)))
  }

  private func symbols() throws -> [String] {
    var symbols: [String] = []
    for file in files {
      for symbol in try TickFileFeed.symbols(of: file) where !symbols.contains(symbol) { symbols.append(symbol) }
    }
    return symbols
  }

  /// Writes the ticks that agents are shown, as the peer reads them.
  /// - Returns: how many.
  private func writeTape(_ tape: URL, _ store: EngineStore) async throws -> Int {
    let listings = try await store.listings(exchange: nil)
    let names = Dictionary(uniqueKeysWithValues: listings.map { ($0.value.instrument, $0.key) })
    // Microseconds since 1970, where the engine's are since 2000.
    let epoch: Int64 = 946_684_800_000_000
    var text = ""
    var count = 0
    for file in files {
      let feed = try TickFileFeed(file, instruments: listings.mapValues(Listing.init))
      while let batch = try feed.read(upTo: Bench.tickBatch) {
        for (tick, isSuspicious) in zip(batch.ticks, batch.isSuspicious) where !isSuspicious {
          guard let name = names[tick.instrument] else { continue }
          text += "\(name),\(tick.time.microseconds + epoch),\(tick.price),\(tick.size)\n"
          count += 1
        }
      }
    }
    try Data(text.utf8).write(to: tape)
    return count
  }

  private func backtest(_ tape: URL, expecting ticks: Int) async throws -> Sample {
    let result = try await Subprocess.run(
      .path(FilePath(python)),
      arguments: Arguments([peer, tape.path, "\(Self.fast)", "\(Self.slow)", "\(Self.quantity)"]),
      output: .string(limit: 1 << 20), error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
    let fields = (result.standardOutput).split(whereSeparator: \.isWhitespace)
    guard result.terminationStatus.isSuccess, fields.count == 5, let seconds = Double(fields[0]),
      let processor = Double(fields[1]), let orders = Int(fields[3]), let fills = Int(fields[4])
    else { throw Spoiled("\(python) \(peer) failed") }
    guard Int(fields[2]) == ticks else { throw Spoiled("\(peer) was given \(fields[2]) ticks instead of \(ticks)") }
    return Sample(seconds: seconds, processor: processor, orders: orders, fills: fills)
  }
}
