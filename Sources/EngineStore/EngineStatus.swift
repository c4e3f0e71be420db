/// What is going on in a database: the server, who trades, on what, and what stands in the way.
package struct EngineStatus: Encodable, Sendable {
  package struct Server: Encodable, Sendable {
    package let version, database: String
    package let isStandby: Bool
    package let uptimeSeconds: Double
    /// Figures of reporting.database_health by their names, those of the whole database.
    package let health: [String: Double]
  }

  package struct Runner: Encodable, Sendable {
    package let name, host, feed, state, version, seenAt: String
    package let processID, portfolios: Int
    package let ageSeconds: Double
  }

  package struct Feed: Encodable, Sendable {
    package let name: String
    package let symbols, rejectedTicks: Int
    package let lastEventAt: String?
    package let ageSeconds, lagSeconds: Double?
    package let ticksPerSecond: Double
  }

  package struct Portfolio: Encodable, Sendable {
    package let name, currency, equity, available: String
    package let positions, openOrders, agents, runningAgents, failedAgents: Int
    /// Snapshots of the equity, at most 25 in equal distances of the last 30 days that it has.
    package let trend: [Double]
    /// The same as a line of block characters.
    package let sparkline: String
    /// How far its runner is behind the latest prices; nil without a live feed.
    package let lagSeconds: Double?
  }

  package struct Agent: Encodable, Sendable {
    package let portfolio, agent, strategy, status, since: String
    /// Why it cannot run.
    package let error: String?
  }

  package struct Order: Encodable, Sendable {
    package let portfolio, symbol, side, type, quantity, filledQuantity, status, submittedAt, clientOrderID: String
    package let orderID: Int
    package let limitPrice, stopPrice, agent: String?
  }

  /// A fill that was booked although it contradicts its order.
  package struct Contradiction: Encodable, Sendable {
    package let portfolio, symbol: String
    package let fillID, orderID: Int
    package let code, reason, recordedAt: String
  }

  /// A position that could not be settled for want of a price.
  package struct Unsettled: Encodable, Sendable {
    package let portfolio, symbol, kind, day, priceOf: String
  }

  /// A session that waits for a lock, and one that it waits for.
  package struct Wait: Encodable, Sendable {
    package let processID, blockerID: Int
    package let user, application, waitsFor, query, blockerUser, blockerApplication, blockerState, blockerQuery: String?
    package let seconds: Double?
  }

  /// Rows, and how many there are in all.
  package struct List<Row: Encodable & Sendable>: Encodable, Sendable {
    package let rows: [Row]
    package let total: Int

    package init(_ rows: [Row], total: Int) {
      self.rows = rows
      self.total = total
    }

    package func encode(to encoder: any Encoder) throws { try rows.encode(to: encoder) }
  }

  package let at: String
  package let server: Server
  /// Those that have not stopped, and the latest.
  package let runners: List<Runner>
  package let feeds: List<Feed>
  package let portfolios: List<Portfolio>
  /// Those that cannot run first.
  package let agents: List<Agent>
  package let openOrders: List<Order>
  package let alerts: List<Alert>
  package let unsettled: List<Unsettled>
  /// Sessions that keep portfolios locked.
  package let blockers: List<EngineStore.Blocker>
  /// Who waits for whose lock.
  package let waits: List<Wait>
  /// Of the last seven days, but for fills that were taken back since.
  package let contradictions: List<Contradiction>
  package let halts: Int
  /// Nil: they were not counted.
  package let invariantViolations: Int?
}
