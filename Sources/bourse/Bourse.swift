import ArgumentParser
import TradingCore

@main
struct Bourse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bourse",
    abstract: "A trading engine that lives in PostgreSQL.",
    version: version,
    subcommands: [
      Up.self, Down.self, Migrate.self, Doctor.self, Env.self, Demo.self, Import.self, Export.self, Replay.self,
      Run.self, Status.self, Strategy.self, BacktestCommand.self, Work.self, Report.self,
      DashboardsCommand.self, AlertsCommand.self, Audit.self, SecretsCommand.self, User.self,
    ])

  static let version = engineVersion

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      Failure.end(error)
    }
  }
}
