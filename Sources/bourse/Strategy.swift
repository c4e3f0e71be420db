import ArgumentParser
import EngineStore
import LibPQ
import TradingCore

struct Strategy: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create, check, preview and explain strategies.",
    discussion: """
      The rules are parsed and evaluated by the program itself, in the same words and to the same digit as the functions \
      strategy.preview, strategy.check and strategy.explain of the database do it with the extension bourse.
      """,
    subcommands: [
      StrategyCreate.self, StrategyCheckCommand.self, StrategyPreviewCommand.self, StrategyLookahead.self,
      StrategyExplain.self, StrategyList.self,
    ])
}

/// A strategy as people name it, and the database that it is in.
struct StrategyOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("The strategy: its latest version, or NAME@VERSION.", valueName: "name"))
  var name: String

  @OptionGroup var params: ParamOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  /// Runs `body` with the version that is named, with the values that are given.
  func withVersion(_ body: (StoredStrategy, StrategyStore) async throws -> Void) async throws {
    try await database.withStrategies { store in
      try await body(try await params.apply(to: try await store.named(name), store), store)
    }
  }
}

/// Values for the named parameters of a strategy's rules.
struct ParamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A value of your own for $NAME, as an agent may have it: a number, or a symbol. May be repeated.",
      valueName: "name=value"))
  var param: [String] = []

  func validate() throws { _ = try values() }

  func values() throws -> NamedValues { try NamedValues(param, of: "--param", example: "fast=10") }

  /// The strategy with these values.
  func apply(to strategy: StoredStrategy, _ store: StrategyStore) async throws -> StoredStrategy {
    let values = try values()
    return values.isEmpty ? strategy : try await store.with(params: values.json, strategy)
  }
}

extension DatabaseOptions {
  func withStrategies(_ body: (StrategyStore) async throws -> Void) async throws {
    try await withConnection(of: "strategy") { try await body(StrategyStore($0)) }
  }
}

extension StrategyStore {
  /// The version that `NAME` or `NAME@VERSION` says.
  func named(_ text: String) async throws -> StoredStrategy {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let number = parts.count == 2 ? Int32(parts[1]) : nil
    guard parts.count == 1 || number != nil else {
      throw UserError("\"\(text)\" names no version; write NAME or NAME@VERSION, such as momentum@2")
    }
    guard let found = try await version(of: String(parts[0]), number) else {
      throw UserError("there is no strategy \"\(text)\"; `bourse strategy list` shows those there are")
    }
    return found
  }
}

struct StrategyExplain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say in plain words what a strategy does.")

  @OptionGroup var options: StrategyOptions

  private struct Result: Encodable {
    let strategy: String
    let version: Int32
    let explanation: String
  }

  func run() async throws {
    try await options.withVersion { strategy, _ in
      let explanation = try strategy.report().explanation
      if options.output.json {
        try options.output.printJSON(
          Result(strategy: strategy.name, version: strategy.version, explanation: explanation))
      } else {
        print(explanation)
      }
    }
  }
}

struct StrategyList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the latest version of each strategy.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    struct Strategy: Encodable {
      let name, type, timeframe, status: String
      let version: Int32
      let error, description: String?
    }
    let strategies: [Strategy]
  }

  func run() async throws {
    try await database.withStrategies { store in
      let all = try await store.all()
      if output.json {
        return try output.printJSON(
          Result(
            strategies: all.map {
              Result.Strategy(
                name: $0.name, type: $0.type, timeframe: $0.timeframeText, status: $0.status, version: $0.version,
                error: $0.error, description: $0.description)
            }))
      }
      if all.isEmpty { return print("There is no strategy yet: see bourse strategy create --help.") }
      var table = TextTable(["name", "version", "type", "timeframe", "status", "description"], numbers: [1])
      for strategy in all {
        table.add([
          strategy.name, "\(strategy.version)", strategy.type,
          strategy.timeframeText == "00:00:00" ? "ticks" : strategy.timeframeText, strategy.status,
          strategy.error ?? strategy.description ?? "",
        ])
      }
      for line in table.lines { print(line) }
    }
  }
}
