import Testing

@testable import EngineStore
@testable import bourse

/// What `bourse status` shows of no, one and many portfolios, on wide and narrow terminals.
struct StatusTextTests {
  private func status(portfolios: Int, error: String? = nil, invariantViolations: Int? = 0) -> EngineStatus {
    typealias List = EngineStatus.List
    let rows = (0..<portfolios).map { number in
      EngineStatus.Portfolio(
        name: "portfolio-\(number)", currency: "USD", equity: "1234567.89", available: "-0.50", positions: 3,
        openOrders: 2, agents: 2, runningAgents: 1, failedAgents: 1, trend: [1, 2, 3, 2, 5], sparkline: "▁▃▅▃█",
        lagSeconds: 0.25)
    }
    return EngineStatus(
      at: "2024-01-02T15:00:00Z",
      server: .init(
        version: "15.8", database: "bourse", isStandby: false, uptimeSeconds: 7_300,
        health: ["size": 84_200_000, "connections": 12, "connections_used": 0.12, "cache_hits": 0.9987]),
      runners: List(
        portfolios == 0
          ? []
          : [
            .init(
              name: "bourse", host: "here", feed: "live", state: "running", version: "1", seenAt: "", processID: 7,
              portfolios: portfolios, ageSeconds: 1.24)
          ], total: min(portfolios, 1)),
      feeds: List(
        [
          .init(
            name: "wss://source.example/ticks", symbols: 4, rejectedTicks: 0, lastEventAt: "2024-01-02T14:59:59Z",
            ageSeconds: 0.31, lagSeconds: 0.02, ticksPerSecond: 140.5)
        ], total: 1),
      portfolios: List(Array(rows.prefix(20)), total: portfolios),
      agents: List(
        error.map {
          [
            .init(
              portfolio: "portfolio-0", agent: "bad", strategy: "s", status: "error", since: "2024-01-02T14:00:00Z",
              error: $0)
          ]
        } ?? [], total: error == nil ? 0 : 1),
      openOrders: List([], total: 0), alerts: List([], total: 0), unsettled: List([], total: 0),
      blockers: List([], total: 0), waits: List([], total: 0), contradictions: List([], total: 0), halts: 1,
      invariantViolations: invariantViolations)
  }

  private func lines(_ status: EngineStatus, limit: Int = 20, width: Int? = nil) -> [String] {
    StatusText(status: status, address: "host=/run/pg dbname=bourse").lines(limit: limit, width: width)
  }

  @Test func anEmptyDatabaseSaysWhatToDo() {
    let lines = lines(status(portfolios: 0))
    #expect(lines[0] == "server host=/run/pg dbname=bourse")
    #expect(
      lines[1]
        == "PostgreSQL 15.8, primary, database bourse: 84 MB, 12 sessions (12.0 % of the most), 99.9 % cache hits, up for 2 h"
    )
    #expect(lines.contains("No runner has run yet."))
    #expect(lines.contains { $0.contains("trading.create_portfolio(...)") })
    #expect(lines.last == "1 halt in force, 0 invariant violations")
  }

  @Test func aPortfolioHasALine() {
    let lines = lines(status(portfolios: 1, invariantViolations: nil))
    let row = lines.first { $0.hasPrefix("portfolio-0") }
    #expect(
      row?.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        == "portfolio-0 1,234,567.89 USD ▁▃▅▃█ -0.50 3 2 1 of 2 run, 1 error 0.3 s")
    #expect(lines.contains { $0.hasPrefix("wss://source.example/ticks") && $0.contains("140.5") })
    #expect(lines.last == "1 halt in force")
  }

  @Test func ofManySomeAreShownAndTheOthersCounted() {
    let all = lines(status(portfolios: 200))
    #expect(all.count { $0.hasPrefix("portfolio-") } == 20)
    #expect(all.contains("… and 180 more of 200 portfolios"))
    let few = lines(status(portfolios: 200), limit: 3)
    #expect(few.count { $0.hasPrefix("portfolio-") } == 3)
    #expect(few.contains("… and 197 more of 200 portfolios"))
  }

  @Test(arguments: [1, 8, 20, 40, 80, 200])
  func noLineIsWiderThanTheTerminal(width: Int) {
    let lines = lines(
      status(portfolios: 30, error: "its strategy cannot run: rule entry, line 1, column 7: a number was expected"),
      width: width)
    #expect(lines.allSatisfy { $0.count <= width })
    #expect(lines.contains { $0.hasPrefix("p") })
  }

  /// An error is somebody's text: it does nothing to the terminal.
  @Test func textsAreNotCommands() {
    let lines = lines(status(portfolios: 1, error: "a\u{1B}[2J\nb\u{202E}c"))
    #expect(lines.contains { $0.hasSuffix("a [2J b c") })
  }

  @Test(arguments: [
    (0, "0.0 s"), (9.94, "9.9 s"), (59.9, "59 s"), (125, "2 min"), (7_300, "2 h"), (200_000, "2 d"), (-1, "0.0 s"),
  ])
  func spansAreShort(seconds: Double, text: String) { #expect(StatusText.span(seconds) == text) }

  @Test func columnsThatDoNotFitAreLeftOut() {
    var table = TextTable(["name", "n", "text"], numbers: [1])
    table.add(["first", "1", "a long text that does not fit"])
    #expect(table.lines(within: 40).allSatisfy { $0.count <= 40 })
    #expect(table.lines(within: 24)[1] == "first  1  a long text t…")
    #expect(table.lines(within: 12) == ["name   n", "first  1"])
    #expect(table.lines(within: 6) == ["name", "first"])
    #expect(table.lines(within: 3) == ["na…", "fi…"])
    #expect("one two three".wrapped(to: 7) == ["one two", "three"])
    #expect("unbreakable".wrapped(to: 4) == ["unbr", "eaka", "ble"])
  }
}
