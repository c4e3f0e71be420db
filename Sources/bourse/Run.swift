import ArgumentParser
import CoreMetrics
import Feeds
import FoundationEssentials
import LibPQ
import Logging
import Runner
import ServiceLifecycle
import Telemetry

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The service: trade on ticks as they are stored, until it is told to stop.",
    discussion: """
      Works orders, agents and halts of psql users as they come, through the doorbell. Agents on candles of a day or more act \
      when the session of their exchange is over. An agent that cannot run, and a portfolio that another session keeps locked, \
      stop alone: see bourse status. Ticks are kept as long as market.tick_policy says. SIGTERM or Ctrl-C finishes the \
      present batch. When the server goes away it waits for it. With --feed it also follows a live source: it connects \
      again when the link drops or falls silent, asks for what it missed, and stores each tick once. Beside it, it evaluates \
      rules of alerts and delivers notifications and letters (docs/alerts.md).
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var runner: RunnerArguments

  @Option(
    help: ArgumentHelp(
      "Follow this live source too and store its ticks: the address of a WebSocket, or one to poll over HTTP, that speaks the format of docs/live-feed.md.",
      valueName: "wss://…|https://…"))
  var feed: String?

  @Option(
    name: .customLong("symbol"),
    help: ArgumentHelp("Instrument to ask the source for; can be repeated.", valueName: "symbol"))
  var symbols: [String] = []

  @Option(help: ArgumentHelp("Whose aliases the symbols are, as the source names them.", valueName: "name"))
  var broker: String?

  @Option(
    help: ArgumentHelp(
      "Sent with the first request of a WebSocket, or each of HTTP, e.g. a token; $BOURSE_FEED_HEADER hides it from the list of processes.",
      valueName: "name: value"))
  var feedHeader: [String] = []

  @Option(
    help: ArgumentHelp(
      "Serve /metrics for Prometheus, /healthz and /readyz at this address of this machine; port 0 is any that is free.",
      valueName: "address:port"))
  var metrics: String?

  @OptionGroup var alerts: AlertArguments

  func validate() throws {
    if let metrics { _ = try Self.address(metrics) }
    guard (feed == nil) == symbols.isEmpty else {
      throw ValidationError(feed == nil ? "--symbol needs a --feed" : "--feed needs at least one --symbol")
    }
    guard feed != nil || (broker == nil && feedHeader.isEmpty) else {
      throw ValidationError("--broker and --feed-header need a --feed")
    }
    _ = try headers()
  }

  private static func address(_ text: String) throws -> ListenAddress {
    do { return try ListenAddress(text) } catch { throw ValidationError("--metrics: \(error)") }
  }

  private func headers() throws -> [(String, String)] {
    let hidden = ProcessInfo.processInfo.environment["BOURSE_FEED_HEADER"].map { [$0] } ?? []
    return try (feedHeader + hidden).map { text in
      let parts = text.split(separator: ":", maxSplits: 1).map { $0.trimmingPrefix(while: { $0 == " " }) }
      guard parts.count == 2, !text.contains(where: \.isNewline) else {
        throw ValidationError("--feed-header takes a name, a colon and a value")
      }
      return (String(parts[0]), String(parts[1]))
    }
  }

  private static func transport(_ url: String, headers: [(String, String)]) throws -> any LiveTransport {
    url.lowercased().hasPrefix("http")
      ? try PollingTransport(url, headers: headers) : try WebSocketTransport(url, headers: headers)
  }

  func run() async throws { try await runner.log.logging { try await run($0) } }

  private func run(_ logger: Logger) async throws {
    let connection = try await database.connectionString()
    var registry: PrometheusRegistry?
    if metrics != nil {
      let new = PrometheusRegistry(RunnerMetrics.descriptions)
      // Before anything is made that records.
      MetricsSystem.bootstrap(new)
      registry = new
    }
    let service = Runner(
      options: runner.options(connection, defaultBatch: RunnerArguments.tickBatch),
      feed: StoredTickFeed(options: ConnectionOptions(connection), follows: true), logger: logger)
    var ingest: LiveIngest?
    if let feed {
      let address = feed.prefix { $0 != "?" }
      ingest = LiveIngest(
        database: ConnectionOptions(connection, applicationName: "bourse feed"),
        transport: try Self.transport(feed, headers: try headers()), symbols: symbols, name: String(address),
        broker: broker, logger: logger)
    }
    var others: [any Service] = ingest.map { [$0] } ?? []
    if let metrics, let registry {
      let pages = MetricsPages(
        registry: registry, runner: service, ingest: ingest, database: DatabaseFigures(ConnectionOptions(connection)))
      let server = try await PageServer.listen(at: try Self.address(metrics)) { await pages.page($0) }
      logger.info("serving metrics", metadata: ["address": "http://\(server.address)/metrics"])
      others.append(server)
    }
    if let alerts = try alerts.service(connection, logger) { others.append(alerts) }
    try await RunnerArguments.serve(service, beside: others)
    logger.info("stopped", metadata: ["events": "\(service.figures.events)"])
  }
}
