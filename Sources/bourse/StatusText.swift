import EngineStore

/// What `bourse status` shows to people.
struct StatusText {
  let status: EngineStatus
  /// Where the server is.
  let address: String

  /// - Parameters:
  ///   - limit: rows of each part; how many more there are is said.
  ///   - width: characters of a line; nil: as many as it takes.
  func lines(limit: Int, width: Int? = nil) -> [String] {
    var parts: [[String]] = [server]
    parts.append(runners(limit, width))
    parts.append(feeds(limit, width))
    parts.append(portfolios(limit, width))
    parts.append(agents(limit, width))
    parts.append(orders(limit, width))
    parts.append(alerts(limit, width))
    parts.append(unsettled(limit) + blockers(limit) + waits(limit) + contradictions(limit))
    let end =
      status.invariantViolations.map {
        "\(counted(status.halts, "halt")) in force, \(counted($0, "invariant violation"))"
      } ?? "\(counted(status.halts, "halt")) in force"
    parts.append([end])
    let lines = parts.filter { !$0.isEmpty }.joined(separator: [""]).map(printable)
    return width.map { width in lines.flatMap { $0.wrapped(to: width) } } ?? Array(lines)
  }

  // MARK: Parts

  private var server: [String] {
    let server = status.server
    var facts: [String] = []
    if let size = server.health["size"] { facts.append(Self.bytes(size)) }
    if let sessions = server.health["connections"] {
      let share = server.health["connections_used"].map { " (\(Self.percent($0)) of the most)" } ?? ""
      facts.append(counted(Int(sessions), "session") + share)
    }
    if let hits = server.health["cache_hits"] { facts.append("\(Self.percent(hits)) cache hits") }
    if let oldest = server.health["oldest_transaction"], oldest >= 60 {
      facts.append("oldest transaction \(Self.span(oldest))")
    }
    facts.append("up for \(Self.span(server.uptimeSeconds))")
    return [
      "server \(address)",
      "PostgreSQL \(server.version), \(server.isStandby ? "standby" : "primary"), database \(server.database): "
        + facts.joined(separator: ", "),
    ]
  }

  private func runners(_ limit: Int, _ width: Int?) -> [String] {
    if status.runners.rows.isEmpty { return ["No runner has run yet."] }
    return table(
      status.runners, "runner", limit, width,
      ["runner", "state", "seen", "portfolios", "feed", "host", "process", "version"], numbers: [3, 6]
    ) {
      [
        $0.name, $0.state, "\(Self.span($0.ageSeconds)) ago", "\($0.portfolios)", $0.feed, $0.host, "\($0.processID)",
        $0.version,
      ]
    }
  }

  private func feeds(_ limit: Int, _ width: Int?) -> [String] {
    table(
      status.feeds, "feed", limit, width,
      ["feed", "stored", "lag", "ticks/s", "last tick", "symbols", "rejected in 24 h"], numbers: [2, 3, 5, 6]
    ) {
      [
        $0.name, $0.ageSeconds.map { "\(Self.span($0)) ago" } ?? "never", $0.lagSeconds.map(Self.span) ?? "",
        String(rounding: $0.ticksPerSecond, digits: 1), $0.lastEventAt ?? "", "\($0.symbols)", "\($0.rejectedTicks)",
      ]
    }
  }

  private func portfolios(_ limit: Int, _ width: Int?) -> [String] {
    if status.portfolios.rows.isEmpty {
      return ["There is no portfolio (that you may read); trading.create_portfolio(...) makes one."]
    }
    return table(
      status.portfolios, "portfolio", limit, width,
      ["portfolio", "equity", "30 days", "available", "positions", "orders", "agents", "behind"],
      numbers: [1, 3, 4, 5, 7]
    ) {
      var agents = $0.agents == 0 ? "" : "\($0.runningAgents) of \($0.agents) run"
      if $0.failedAgents > 0 { agents += ", \(counted($0.failedAgents, "error"))" }
      return [
        $0.name, "\(Self.amount($0.equity)) \($0.currency)", $0.sparkline, Self.amount($0.available),
        "\($0.positions)", "\($0.openOrders)", agents, $0.lagSeconds.map(Self.span) ?? "",
      ]
    }
  }

  private func agents(_ limit: Int, _ width: Int?) -> [String] {
    table(
      status.agents, "agent", limit, width, ["agent", "portfolio", "state", "strategy", "since", "error"]
    ) { [$0.agent, $0.portfolio, $0.status, $0.strategy, $0.since, $0.error ?? ""] }
  }

  private func orders(_ limit: Int, _ width: Int?) -> [String] {
    table(
      status.openOrders, "open order", limit, width,
      ["order", "portfolio", "symbol", "side", "type", "quantity", "filled", "price", "state", "submitted", "id"],
      numbers: [0, 5, 6, 7]
    ) {
      [
        "\($0.orderID)", $0.portfolio, $0.symbol, $0.side, $0.type, $0.quantity, $0.filledQuantity,
        $0.limitPrice ?? $0.stopPrice ?? "", $0.status, $0.submittedAt, $0.clientOrderID,
      ]
    }
  }

  private func alerts(_ limit: Int, _ width: Int?) -> [String] {
    table(
      status.alerts, "alert", limit, width,
      ["alert", "severity", "rule", "subject", "state", "since", "detail"], numbers: [0]
    ) { ["\($0.id)", $0.severity, $0.rule, $0.subject, $0.state, $0.openedAt, $0.detail ?? ""] }
  }

  private func unsettled(_ limit: Int) -> [String] {
    sentences(status.unsettled, "unpriced settlement", limit) {
      "portfolio \($0.portfolio) holds \($0.symbol), which is unsettled: no price of \($0.priceOf) of "
        + "\($0.day) is known; give it to \($0.kind == "expiry" ? "trading.expire_options" : "trading.settle_futures")"
    }
  }

  private func blockers(_ limit: Int) -> [String] {
    sentences(status.blockers, "blocked portfolio", limit) {
      "portfolio \($0.portfolio) is blocked by session \($0.processID) of user \($0.user ?? "?") "
        + "(\($0.application ?? "?"), \($0.state ?? "?")) since \($0.since ?? "?")"
    }
  }

  private func waits(_ limit: Int) -> [String] {
    sentences(status.waits, "wait", limit) {
      "session \($0.processID) of user \($0.user ?? "?") (\($0.application ?? "?")) waits for \($0.waitsFor ?? "?") "
        + "\($0.seconds.map { "since \(Self.span($0)) " } ?? "")behind session \($0.blockerID) of user "
        + "\($0.blockerUser ?? "?") (\($0.blockerApplication ?? "?"), \($0.blockerState ?? "?"))"
    }
  }

  private func contradictions(_ limit: Int) -> [String] {
    sentences(status.contradictions, "contradictory fill", limit) {
      "fill \($0.fillID) of order \($0.orderID) of portfolio \($0.portfolio) "
        + "(\($0.symbol)) contradicts its order: \($0.code), \($0.reason)"
    }
  }

  // MARK: Lists

  private func table<Row>(
    _ list: EngineStatus.List<Row>, _ noun: String, _ limit: Int, _ width: Int?, _ headings: [String],
    numbers: Set<Int> = [], _ cells: (Row) -> [String]
  ) -> [String] {
    if list.rows.isEmpty { return [] }
    var table = TextTable(headings, numbers: numbers)
    for row in list.rows.prefix(limit) { table.add(cells(row)) }
    return table.lines(within: width) + more(list, noun, limit)
  }

  private func sentences<Row>(
    _ list: EngineStatus.List<Row>, _ noun: String, _ limit: Int, _ sentence: (Row) -> String
  ) -> [String] {
    list.rows.prefix(limit).map(sentence) + more(list, noun, limit)
  }

  private func more<Row>(_ list: EngineStatus.List<Row>, _ noun: String, _ limit: Int) -> [String] {
    let rest = list.total - min(limit, list.rows.count)
    return rest > 0 ? ["… and \(grouped(rest)) more of \(counted(list.total, noun))"] : []
  }

  // MARK: Figures

  /// 3 s, 12 min, 5 h, 3 d.
  static func span(_ seconds: Double) -> String {
    switch seconds {
    case ..<10: "\(String(rounding: max(0, seconds), digits: 1)) s"
    case ..<120: "\(Int(seconds)) s"
    case ..<7_200: "\(Int(seconds / 60)) min"
    case ..<172_800: "\(Int(seconds / 3_600)) h"
    default: seconds.isFinite ? "\(grouped(Int(seconds / 86_400))) d" : "?"
    }
  }

  private static func percent(_ share: Double) -> String { "\(String(rounding: share * 100, digits: 1)) %" }

  static func bytes(_ count: Double) -> String {
    var value = count
    for unit in ["B", "kB", "MB", "GB"] {
      if value < 1_000 { return "\(Int(value)) \(unit)" }
      value /= 1_000
    }
    return "\(String(rounding: value, digits: 1)) TB"
  }

  /// 1234567.89 as 1,234,567.89.
  static func amount(_ amount: String) -> String {
    let parts = amount.split(separator: ".", maxSplits: 1)
    guard let whole = parts.first.flatMap({ Int($0) }) else { return amount }
    let sign = whole == 0 && amount.hasPrefix("-") ? "-" : ""
    return sign + grouped(whole) + (parts.count == 2 ? ".\(parts[1])" : "")
  }
}
