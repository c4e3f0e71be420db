import ArgumentParser

@main
struct Bourse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bourse",
    abstract: "A trading engine that lives in PostgreSQL.",
    subcommands: [Up.self, Down.self, Migrate.self, Import.self, Env.self])

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
