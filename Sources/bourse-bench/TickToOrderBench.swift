import ArgumentParser
import EngineStore
import Feeds
import LibPQ
import Runner
import ServiceLifecycle
import TradingCore

struct BenchTickToOrder: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tick-to-order",
    abstract: "From a live tick to the committed order that came of it, beside the commit of a bare row.",
    discussion: """
      The service runs, with an agent that buys and sells in turns. In rounds: (a) one row is stored in a transaction of its \
      own; (b) a tick is stored as a live source's is, the service wakes up, reads it, lets the agent decide, and commits the \
      order: its time is from before the tick is stored to after that commit; (c) another tick fills the order.
      """)

  @OptionGroup var server: ServerOptions

  @Option(help: ArgumentHelp("Orders that are measured.", valueName: "count"))
  var orders = 600

  /// Orders before, at which everything is planned.
  private static let first = 100

  private static let symbol = "B1"

  private static let strategy = BenchStrategy(
    timeframe: "0",
    parameters: """
      {"entry": "close > 100", "exit": "close > 100", "sizing": {"method": "fixed_quantity", "quantity": 1}}
      """)

  private struct Samples {
    var rows: [Double] = []
    var stored: [Double] = []
    var orders: [Double] = []
    var fills: [Double] = []
  }

  func run() async throws {
    guard orders >= 100, orders <= 100_000 else { throw ValidationError("--orders takes 100 to 100000") }
    let samples = try await BenchDatabase.with("tick_to_order", server.maintenance) { try await measure($0) }
    func milliseconds(_ percent: Int, _ samples: [Double]) -> String {
      String(rounding: BenchDatabase.percentile(percent, samples) * 1000, digits: 3)
    }
    for percent in [50, 99] {
      let ratio =
        BenchDatabase.percentile(percent, samples.orders) / BenchDatabase.percentile(percent, samples.rows)
      print(
        "bench tick_to_order_p\(percent): \(milliseconds(percent, samples.orders)) ms from a live tick to its committed order, ratio \(String(rounding: ratio)) of a bare one-row INSERT at \(milliseconds(percent, samples.rows)) ms (aim \(percent == 99 ? "5.00" : "none"))"
      )
    }
    note(
      "\(orders) orders; storing the tick takes \(milliseconds(50, samples.stored)) ms of it at p50 and \(milliseconds(99, samples.stored)) ms at p99; "
        + "from a tick to the committed fill \(milliseconds(50, samples.fills)) and \(milliseconds(99, samples.fills)) ms"
    )
  }

  private func measure(_ options: ConnectionOptions) async throws -> Samples {
    let connection = try await Connection.connect(options)
    let store = EngineStore(connection)
    try await store.setUpBench(symbols: [Self.symbol], Self.strategy)
    try await store.makeBareRows()
    var logger = Bench.logger()
    logger.logLevel = .warning
    let (commits, tell) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
    let service = Runner(
      options: RunnerOptions(database: options, name: "bench"), feed: StoredTickFeed(options: options, follows: true),
      logger: logger
    ) { _ in tell.yield(.now) }
    let group = ServiceGroup(services: [service], logger: logger)
    async let running: Void = group.run()
    try await store.waitForFollower()
    let samples = try await drive(store, commits)
    await group.triggerGracefulShutdown()
    try await running
    let (placed, filled) = (try await store.orderCount(), try await store.fillCount())
    guard placed == orders + Self.first, filled == placed else {
      throw Spoiled("\(placed) orders and \(filled) fills came of \(orders + Self.first) ticks")
    }
    await connection.close()
    return samples
  }

  /// Shows the service tick after tick, each when what came of the one before is committed and a while has passed.
  private func drive(
    _ store: EngineStore, _ commits: AsyncStream<ContinuousClock.Instant>
  ) async throws -> Samples {
    let instrument = try await store.listings(exchange: nil)[Self.symbol]!.instrument
    var samples = Samples()
    var commits = commits.makeAsyncIterator()
    func show(_ number: Int, _ price: Double) async throws -> (stored: Double, committed: Double) {
      try await Task.sleep(for: .microseconds(Int.random(in: 0..<10_000)))
      let start = ContinuousClock.now
      try await store.storeLive(Self.row(instrument, number, price), feed: "bench")
      let stored = ContinuousClock.now
      guard let committed = await commits.next() else { throw CancellationError() }
      return ((stored - start) / .seconds(1), (committed - start) / .seconds(1))
    }
    for number in 0..<(orders + Self.first) {
      let start = ContinuousClock.now
      try await store.storeBareRow(number)
      let row = (ContinuousClock.now - start) / .seconds(1)
      let order = try await show(2 * number, 101)
      let fill = try await show(2 * number + 1, 100)
      if number < Self.first { continue }
      samples.rows.append(row)
      samples.stored.append(order.stored)
      samples.orders.append(order.committed)
      samples.fills.append(fill.committed)
    }
    return samples
  }

  private static func row(_ instrument: Int32, _ number: Int, _ price: Double) -> EngineStore.LiveRows {
    // Of this moment: what comes late fills no order.
    let time = LiveFeed.timeOfDay().microseconds
    var row = EngineStore.LiveRows()
    row.instruments = [instrument]
    row.times = [time]
    row.received = [time]
    row.numbers = [Int64(number + 1)]
    row.venues = [nil]
    row.prices = [price]
    row.sizes = [100]
    row.saleConditions = [nil]
    row.suspicious = [nil]
    row.bids = [nil]
    row.asks = [nil]
    row.bidSizes = [nil]
    row.askSizes = [nil]
    return row
  }
}
