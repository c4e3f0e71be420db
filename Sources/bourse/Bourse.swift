import ArgumentParser

@main
struct Bourse: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bourse", abstract: "A trading engine that lives in PostgreSQL.")
}
