import ArgumentParser
import EngineStore
import LibPQ

struct AlertsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "What rules have found, and whether people can be told.",
    discussion: "Rules and channels are made in SQL: docs/alerts.md.",
    subcommands: [AlertsList.self, AlertsAcknowledge.self, AlertsSilence.self, AlertsTest.self, AlertsReplay.self],
    defaultSubcommand: AlertsList.self)
}

extension DatabaseOptions {
  fileprivate func withAlerts<Result: Sendable>(
    _ body: nonisolated(nonsending) (AlertStore) async throws -> Result
  ) async throws -> Result {
    try await withConnection(of: "alerts") { try await body(AlertStore($0)) }
  }
}

struct AlertsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Show the alerts that are not over.")

  @Flag(help: "Show the latest that are over, too.") var all = false
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let alerts: [Alert]
  }

  func run() async throws {
    let alerts = try await database.withAlerts { try await $0.alerts(all: all) }
    if output.json { return try output.printJSON(Result(alerts: alerts)) }
    if alerts.isEmpty { return print("No alert is open.") }
    var table = TextTable(
      ["alert", "severity", "rule", "subject", "state", "since", "value", "detail"], numbers: [0, 6])
    for alert in alerts {
      table.add([
        "\(alert.id)", alert.severity, alert.rule, alert.subject, alert.state, alert.openedAt,
        alert.value.map { "\($0)" } ?? "", alert.detail ?? "",
      ])
    }
    for line in table.lines { print(line) }
  }
}

struct AlertsAcknowledge: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "acknowledge", abstract: "Say that you look after an alert: it escalates no more.")

  @Argument(help: ArgumentHelp("Number of the alert.", valueName: "alert")) var alert: Int64
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    try await database.withAlerts { try await $0.acknowledge(alert) }
    print("Alert \(alert) is acknowledged.")
  }
}

struct AlertsSilence: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: "Tell nobody of an alert for a while.")

  @Argument(help: ArgumentHelp("Number of the alert.", valueName: "alert")) var alert: Int64
  @Argument(help: ArgumentHelp("How long, e.g. '2 hours'.", valueName: "duration")) var duration: String
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    do {
      try await database.withAlerts { try await $0.silence(alert, for: duration) }
    } catch let error as PostgresError where error.sqlState == "22007" || error.sqlState == "22008" {
      throw UserError("\"\(duration)\" is no duration: write it as '2 hours' or '1 day'")
    }
    print("Alert \(alert) is silent for \(duration).")
  }
}

struct AlertsTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Send a test to a channel, and wait for what becomes of it.",
    discussion: "A runner delivers it: bourse run.")

  @Argument(help: ArgumentHelp("Name of the channel.", valueName: "channel")) var channel: String
  @Option(help: ArgumentHelp("Longest time to wait.", valueName: "seconds")) var wait = 15
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    let (state, error) = try await database.withAlerts { store in
      let id = try await store.test(channel)
      var delivery = try await store.delivery(id)
      for _ in 0..<max(0, wait * 2) where delivery.state == "waiting" && delivery.error == nil {
        try await Task.sleep(for: .milliseconds(500))
        delivery = try await store.delivery(id)
      }
      return delivery
    }
    if state == "delivered" { return print("The test was delivered to \(channel).") }
    throw UserError(
      error.map { "the test was not delivered to \(channel): \($0)" }
        ?? "nobody has delivered the test to \(channel): is a runner there (bourse run)?")
  }
}

struct AlertsReplay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Try all notifications of a channel again that were given up.")

  @Argument(help: ArgumentHelp("Name of the channel.", valueName: "channel")) var channel: String
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    let count = try await database.withAlerts { try await $0.replay(channel) }
    print("\(counted(Int(count), "notification")) will be tried again.")
  }
}
