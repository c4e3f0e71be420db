import EngineStore
import LibPQ
import Synchronization
import Telemetry

/// Figures of portfolios and of the database, read from views when somebody asks, on a connection of their own and not
/// more often than every few seconds: however often it is scraped, trading pays nothing for it.
package actor DatabaseFigures {
  private let options: ConnectionOptions
  private let lifetime: Duration
  private let timeout: Duration
  private var connection: Connection?
  private var text = ExpositionText()
  private var isUp = false
  private var readAt: ContinuousClock.Instant?
  private var isReading = false
  private var failures: [String: Int] = [:]

  /// - Parameters:
  ///   - lifetime: how long what was read is given to others.
  ///   - timeout: for each query.
  package init(
    _ database: ConnectionOptions, lifetime: Duration = .seconds(5), timeout: Duration = .seconds(2)
  ) {
    var options = database
    options.applicationName = "bourse metrics"
    options.connectTimeout = timeout
    options.settings["default_transaction_read_only"] = "on"
    options.settings["statement_timeout"] = "\(timeout / .milliseconds(1))".prefix { $0 != "." }.description
    // Whatever it would wait for, trading waits for too.
    options.settings["lock_timeout"] = "500"
    self.options = options
    self.lifetime = lifetime
    self.timeout = timeout
  }

  /// What was read a few seconds ago or is read now.
  package func figures() async -> ExpositionText {
    await refresh()
    return text
  }

  /// Whether the database answers.
  package func isReachable() async -> Bool {
    await refresh()
    return isUp
  }

  package func close() async {
    await connection?.close()
    connection = nil
  }

  private func refresh() async {
    if isReading { return }
    if let readAt, ContinuousClock.now - readAt < lifetime { return }
    isReading = true
    await read()
    readAt = .now
    isReading = false
  }

  private func read() async {
    let start = ContinuousClock.now
    var new = ExpositionText()
    do {
      let connection = if let connection { connection } else { try await Connection.connect(options) }
      self.connection = connection
      let store = EngineStore(connection)
      for query in MetricQuery.all {
        do {
          Self.write(try await store.figures(of: query), of: query, to: &new)
        } catch let error as PostgresError where error.sqlState != .none {
          // The others are of use without it.
          failures[query.name, default: 0] += 1
          if Runner.isOutage(error) { throw error }
        }
      }
      isUp = true
    } catch {
      isUp = false
      await close()
    }
    new.single("bourse_database_up", .gauge, help: "1 when the database answered the last scrape.", isUp ? 1 : 0)
    new.single(
      "bourse_scrape_seconds", .gauge, help: "Time of the last queries of figures in the database.",
      (ContinuousClock.now - start) / .seconds(1))
    if !failures.isEmpty {
      new.family("bourse_scrape_failures_total", .counter, help: "Queries of figures in the database that failed.")
      for (query, count) in failures.sorted(by: { $0.key < $1.key }) {
        new.sample("bourse_scrape_failures_total", ExpositionText.labels([("query", query)]), Double(count))
      }
    }
    text = new
  }

  private static func write(
    _ rows: [(labels: [String], values: [Double?])], of query: MetricQuery, to text: inout ExpositionText
  ) {
    let labels = rows.map { row in ExpositionText.labels(zip(query.labels, row.labels).map { ($0, $1) }) }
    for (index, figure) in query.figures.enumerated() {
      let name = "\(query.name)_\(figure.name)"
      text.family(name, figure.isCounter ? .counter : .gauge, help: figure.help)
      for (labels, row) in zip(labels, rows) {
        if let value = row.values[index] { text.sample(name, labels, value) }
      }
    }
  }
}
