import ArgumentParser
import EngineStore
import LibPQ

struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show runners, portfolios, agents, what holds them up, what is unsettled, and violations.",
    discussion: """
      A runner counts as alive while its session holds its portfolios, whatever the table says. A portfolio is blocked when a \
      transaction of another session has kept it locked for more than 2 seconds: the runner goes on with the others. Fills that \
      were booked although they contradict their order are shown for seven days, unless they were taken back \
      (trading.contradictory_fills has all).
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let report = try await database.withConnection(of: "status") { try await EngineStore($0).status() }
    if output.json { return try output.printJSON(report) }
    if report.runners.isEmpty { print("No runner has run yet.") }
    for runner in report.runners {
      print("runner \(runner.name) on \(runner.host): \(runner.state), feed \(runner.feed), seen \(runner.seenAt)")
    }
    for portfolio in report.portfolios {
      print(
        "portfolio \(portfolio.name): equity \(portfolio.equity) \(portfolio.currency), available \(portfolio.available), "
          + "\(counted(portfolio.positions, "position")), \(counted(portfolio.openOrders, "open order")), \(counted(portfolio.runningAgents, "running agent"))"
      )
    }
    for agent in report.failedAgents {
      print("agent \(agent.agent) of portfolio \(agent.portfolio) cannot run since \(agent.since): \(agent.error)")
    }
    for position in report.unsettled {
      print(
        "portfolio \(position.portfolio) holds \(position.symbol), which is unsettled: no price of \(position.priceOf) of "
          + "\(position.day) is known; give it to \(position.kind == "expiry" ? "trading.expire_options" : "trading.settle_futures")"
      )
    }
    for blocker in report.blockers {
      print(
        "portfolio \(blocker.portfolio) is blocked by session \(blocker.processID) of user \(blocker.user ?? "?") "
          + "(\(blocker.application ?? "?"), \(blocker.state ?? "?")) since \(blocker.since ?? "?")")
    }
    for contradiction in report.contradictions {
      print(
        "fill \(contradiction.fillID) of order \(contradiction.orderID) of portfolio \(contradiction.portfolio) "
          + "(\(contradiction.symbol)) contradicts its order: \(contradiction.code), \(contradiction.reason)")
    }
    print("\(counted(report.halts, "halt")) in force, \(counted(report.invariantViolations, "invariant violation"))")
  }
}
