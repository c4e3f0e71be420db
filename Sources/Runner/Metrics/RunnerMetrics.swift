import CoreMetrics
import EngineStore
import LibPQ
import Synchronization
import Telemetry
import TradingCore

/// What a runner tells of itself through swift-metrics, whichever backend the program has chosen. Everything is made once;
/// what is recorded is recorded once for each batch, order or fill, never for a tick.
package final class RunnerMetrics: Sendable {
  private let factory: any MetricsFactory
  private let events, batches, retries, reconnects, signals, accepted, fills, refusedFills: Counter
  private let batchTime, evaluationTime, tickToOrder, orderToFill: Timer
  private let queue, eventTime, agents, connections, isConnected: Meter
  private let codes = Mutex<[Code: Counter]>([:])
  /// When open orders were committed.
  private let openOrders = Mutex<[OrderKey: ContinuousClock.Instant]>([:])

  /// Open orders that are followed, at most; the fills of others are counted and not timed.
  private static let followed = 100_000

  private struct Code: Hashable {
    let name, code: String
  }

  package init(factory: any MetricsFactory = MetricsSystem.factory) {
    self.factory = factory
    func counter(_ name: String) -> Counter { Counter(label: name, factory: factory) }
    func meter(_ name: String) -> Meter { Meter(label: name, factory: factory) }
    func timer(_ name: String, step: String? = nil) -> Timer {
      Timer(label: name, dimensions: step.map { [("step", $0)] } ?? [], factory: factory)
    }
    events = counter("bourse_events_total")
    batches = counter("bourse_batches_total")
    retries = counter("bourse_batch_retries_total")
    reconnects = Counter(label: "bourse_reconnects_total", dimensions: [("to", "database")], factory: factory)
    signals = counter("bourse_signals_total")
    accepted = counter("bourse_orders_accepted_total")
    fills = counter("bourse_fills_total")
    refusedFills = counter("bourse_refused_fills_total")
    batchTime = timer("bourse_batch_seconds")
    evaluationTime = timer("bourse_evaluation_seconds")
    tickToOrder = timer("bourse_order_latency_seconds", step: "tick_to_order")
    orderToFill = timer("bourse_order_latency_seconds", step: "order_to_fill")
    queue = meter("bourse_queue_events")
    eventTime = meter("bourse_event_time_seconds")
    agents = meter("bourse_agents")
    connections = meter("bourse_database_connections")
    isConnected = meter("bourse_database_connected")
  }

  package static let descriptions: [String: MetricDescription] = [
    "bourse_events_total": .init("Ticks and bars of batches that were committed."),
    "bourse_batches_total": .init("Batches that were committed, each one transaction."),
    "bourse_batch_retries_total": .init("Attempts of batches that collided with other transactions."),
    "bourse_batch_seconds": .init("From the beginning of a batch until its commit."),
    "bourse_evaluation_seconds": .init("Time of a batch in candles, rules and matching, without the database."),
    "bourse_queue_events": .init("Events that are read and wait for the batch before them."),
    "bourse_order_latency_seconds": .init(
      "Latency of agents' orders: tick_to_order from reading the tick until the order is committed, order_to_fill from "
        + "there until a fill of a later batch is."),
    "bourse_signals_total": .init("Signals of agents."),
    "bourse_orders_accepted_total": .init("Orders of agents that were accepted."),
    "bourse_orders_rejected_total": .init("Orders of agents that were rejected, by code."),
    "bourse_fills_total": .init("Fills that were booked."),
    "bourse_refused_fills_total": .init("Fills whose order had ended or changed meanwhile."),
    "bourse_errors_total": .init("Errors of the database that the service met, by SQLSTATE or kind."),
    "bourse_reconnects_total": .init("Connections that were lost and made anew, to the database or to the feed."),
    "bourse_event_time_seconds": .init("Event time of the last committed batch, in seconds since 1970."),
    "bourse_agents": .init("Agents that the service runs."),
    "bourse_database_connections": .init("Connections of this process to databases."),
    "bourse_database_connected": .init("1 while the service has its session and its portfolios, 0 otherwise."),
    "bourse_feed_up": .init("1 while the link to the live source is up, 0 otherwise."),
    "bourse_feed_ticks_total": .init("Ticks and quotes of the live source that were stored."),
    "bourse_feed_queue_ticks": .init("Ticks and quotes that came while those before them were being stored."),
    "bourse_feed_store_seconds": .init("Time to store what has come."),
    "bourse_feed_duplicates_total": .init("Messages of the live source that were there already."),
    "bourse_feed_lost_total": .init("Messages of the live source that were asked for again and did not come."),
    "bourse_feed_unusable_total": .init("Messages of the live source that made no sense."),
  ]

  // MARK: What happened

  /// A batch was committed.
  /// - Parameter next: events that were read meanwhile.
  func committed(_ count: Int, took duration: Duration, evaluation: Duration, at time: Timestamp?, next: Int) {
    events.increment(by: count)
    batches.increment()
    batchTime.recordNanoseconds(duration.nanoseconds)
    evaluationTime.recordNanoseconds(evaluation.nanoseconds)
    queue.set(next)
    connections.set(Connection.openCount)
    if let time { eventTime.set(Double(time.microseconds) / 1e6 + 946_684_800) }
  }

  /// A transaction was committed.
  /// - Parameter readAt: when its events were read.
  func committed(_ tally: SessionTally, readAt: ContinuousClock.Instant?) {
    if tally.isEmpty { return }
    let now = ContinuousClock.now
    signals.increment(by: tally.signals)
    accepted.increment(by: tally.accepted.count)
    fills.increment(by: tally.filled.count)
    refusedFills.increment(by: tally.refusedFills)
    for (code, count) in tally.rejected { counter("bourse_orders_rejected_total", code).increment(by: count) }
    if let readAt {
      for _ in tally.accepted { tickToOrder.recordNanoseconds((now - readAt).nanoseconds) }
    }
    openOrders.withLock { open in
      for key in tally.filled {
        guard let since = open.removeValue(forKey: key) else { continue }
        orderToFill.recordNanoseconds((now - since).nanoseconds)
      }
      for key in tally.ended { open[key] = nil }
      for key in tally.accepted where open.count < Self.followed { open[key] = now }
      // Those that filled in the transaction that placed them.
      for key in tally.filled { open[key] = nil }
    }
  }

  func met(_ error: PostgresError) {
    counter("bourse_errors_total", error.sqlState == .none ? "\(error.code)" : "\(error.sqlState)").increment()
  }

  func retried() { retries.increment() }
  func reconnects(after error: PostgresError) {
    met(error)
    reconnects.increment()
  }
  func isConnected(_ isConnected: Bool) { self.isConnected.set(isConnected ? 1 : 0) }
  func runs(_ count: Int) { agents.set(count) }

  private func counter(_ name: String, _ code: String) -> Counter {
    codes.withLock { codes in
      let key = Code(name: name, code: code)
      if let known = codes[key] { return known }
      let new = Counter(label: name, dimensions: [("code", code)], factory: factory)
      codes[key] = new
      return new
    }
  }
}

extension Duration {
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
