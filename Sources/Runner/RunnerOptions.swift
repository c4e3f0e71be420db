import LibPQ
import TradingCore

/// What a runner is to do.
package struct RunnerOptions: Sendable {
  package var database: ConnectionOptions
  /// Names of portfolios; empty is all that trade on paper.
  package var portfolios: [String]
  /// Shown in ops.runners.
  package var name: String
  package var version: String
  /// Events in one transaction, about.
  package var batchSize: Int
  /// Event time per clock time; nil is as fast as it goes.
  package var speed: Double?
  /// Wait for portfolios that another runner has, instead of refusing.
  package var waitsForLease: Bool
  /// Longest time without the server before giving up.
  package var reconnectTime: Duration
  /// Longest time that a feed without an end waits for a portfolio that somebody else has locked, before it goes on without it.
  package var patience: Duration
  /// How often and how long a batch is tried that collides with other transactions.
  package var commitRetry: RetryPolicy

  package init(
    database: ConnectionOptions, portfolios: [String] = [], name: String = "runner", version: String = "0",
    batchSize: Int = 10_000, speed: Double? = nil, waitsForLease: Bool = false, reconnectTime: Duration = .seconds(60),
    patience: Duration = .seconds(1),
    commitRetry: RetryPolicy = RetryPolicy(
      maximumAttempts: 20, firstDelay: .milliseconds(5), maximumDelay: .seconds(2))
  ) {
    self.database = database
    self.portfolios = portfolios
    self.name = name
    self.version = version
    self.batchSize = batchSize
    self.speed = speed
    self.waitsForLease = waitsForLease
    self.reconnectTime = reconnectTime
    self.patience = patience
    self.commitRetry = commitRetry
  }
}

/// What a runner did.
package struct RunnerReport: Sendable {
  package enum End: String, Sendable { case finished, stopped, nothingNew = "nothing new" }

  package var end = End.stopped
  package var events = 0
  package var batches = 0
  package var reconnects = 0
  package var agents = 0
  package var duration = Duration.zero
  /// Time of the last event.
  package var at: Timestamp?
}

/// A request that a runner cannot carry out as it was put.
package struct RunnerRefusal: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
