import ArgumentParser
import EngineStore
import Synchronization
import TradingCore

/// What `--optimize` of `bourse backtest` searches, and how.
struct OptimizeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Try values for $NAME: FROM:TO, FROM:TO:STEP, either with :log behind, or a list with commas. May be repeated.",
      valueName: "name=values"))
  var optimize: [String] = []

  @Option(help: "How values are chosen: grid, random, latin_hypercube or tpe.")
  var method: String?

  @Option(help: "A statistic, or an expression over statistics, that is to be as large as possible (default: sharpe).")
  var objective: String?

  @Option(help: "Trials of each window (default: 100; all of a grid).")
  var trials: Int32?

  @Option(help: "A condition, such as \"fast < slow\" or \"trades >= 30\". May be repeated.")
  var constraint: [String] = []

  @Option(help: "Of all draws (default: 0).")
  var seed: Int64?

  @Option(help: ArgumentHelp("Walk forward: values are chosen over so long, such as \"2 years\".", valueName: "time"))
  var train: String?

  @Option(help: ArgumentHelp("Then tried over so long, such as \"6 months\".", valueName: "time"))
  var test: String?

  @Flag(help: "Values are chosen over all the time before, not the same length of it.")
  var anchored = false

  @Option(help: ArgumentHelp("What is left out before a test.", valueName: "time"))
  var purge: String?

  @Option(help: ArgumentHelp("What is left out at the beginning of a test.", valueName: "time"))
  var embargo: String?

  @OptionGroup var workers: WorkerOptions

  var isWanted: Bool { !optimize.isEmpty }

  func validate() throws {
    _ = try parameters()
    if (train == nil) != (test == nil) || train == nil && (anchored || purge != nil || embargo != nil) {
      throw ValidationError("--train, --test: a walk-forward has both")
    }
    let others =
      method != nil || objective != nil || trials != nil || !constraint.isEmpty || seed != nil || train != nil
    if optimize.isEmpty, others {
      throw ValidationError("--optimize: name what is to be searched, such as --optimize fast=5:50:5")
    }
  }

  /// Such as `{"fast":{"from":5,"step":5,"to":50},"slow":[50,100]}`.
  func parameters() throws -> String {
    var all = try NamedValues([], of: "--optimize", example: "")
    for text in optimize {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, all.members[parts[0]] == nil else {
        throw ValidationError(
          "--optimize \(text): write NAME=VALUES, each name once, such as --optimize fast=5:50:5 or slow=50,100,200")
      }
      all.set(parts[0], json: try Self.values(parts[1]))
    }
    return all.json
  }

  private static func values(_ text: String) throws -> String {
    let number = "-?[0-9]+(?:\\.[0-9]+)?"
    let range = try Regex(
      "(\(number)):(\(number))(?::(\(number)))?(:log)?",
      as: (
        Substring, Substring, Substring, Substring?, Substring?
      ).self)
    guard let found = text.wholeMatch(of: range) else {
      let choices = try NamedValues(
        text.split(separator: ",").enumerated().map { "\($0.offset)=\($0.element)" }, of: "--optimize", example: "")
      return "[" + choices.members.sorted { Int($0.key) ?? 0 < Int($1.key) ?? 0 }.map(\.value).joined(separator: ",")
        + "]"
    }
    return #"{"from":\#(found.1),"to":\#(found.2)"# + (found.3.map { #","step":\#($0)"# } ?? "")
      + (found.4 == nil ? "" : #","scale":"log""#) + "}"
  }

  /// Nil: all is in sample.
  func walkForward() throws -> String? {
    guard let train, let test else { return nil }
    var settings = try NamedValues(["train=\(train)", "test=\(test)"], of: "--train", example: "2 years")
    settings.set("kind", json: anchored ? #""anchored""# : #""rolling""#)
    for (name, value) in [("purge", purge), ("embargo", embargo)] {
      if let value {
        settings.set(name, json: try NamedValues(["n=\(value)"], of: name, example: "").members["n"] ?? "")
      }
    }
    return settings.json
  }
}

/// How many work at once.
struct WorkerOptions: ParsableArguments {
  @Option(
    name: [.customShort("j"), .customLong("jobs")],
    help: ArgumentHelp("Trials that run at once, each on a connection of its own (default: 1).", valueName: "number"))
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...64).contains(jobs) { throw ValidationError("-j \(jobs): write a number from 1 to 64") }
  }

  /// Runs the trials of an optimization until none is left, and shows what came of them.
  func work(on optimization: Int64, _ database: DatabaseOptions, _ output: OutputOptions) async throws {
    let before = try await database.withConnection(of: "work") {
      try await OptimizationStore($0).progress(of: optimization)
    }
    guard let before else {
      throw UserError("there is no optimization \(optimization); SELECT * FROM research.progress lists those there are")
    }
    let count = TrialCount(before, output.json ? nil : ProgressLine.onTerminal())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<(jobs ?? 1) {
        group.addTask { try await Self.work(on: optimization, database, count) }
      }
      try await group.waitForAll()
    }
    count.line?.clear()
    try await database.withConnection(of: "work") {
      try await show(optimization, OptimizationStore($0), asJSON: output.json)
    }
  }

  private static func work(on optimization: Int64, _ database: DatabaseOptions, _ count: TrialCount) async throws {
    try await database.withConnection(of: "work \(optimization)") { connection in
      var worker = TrialWorker(connection, optimization: optimization)
      try await worker.work { count.add($0) }
    }
  }

  // MARK: Result

  private func show(_ optimization: Int64, _ store: OptimizationStore, asJSON: Bool) async throws {
    if asJSON { return print(try await store.json(of: optimization)) }
    let best = try await store.best(of: optimization, most: 10)
    let isWalk = best.first?.isOutOfSample ?? false
    var table = TextTable(
      [isWalk ? "window" : "trial", "objective", "total return", "Sharpe ratio", "max drawdown", "trades", "values"],
      numbers: [0, 1, 2, 3, 4, 5])
    for trial in best {
      table.add([
        "\(isWalk ? trial.window : trial.trial)", Self.number(trial.objective, digits: 3),
        Self.share(trial.totalReturn),
        Self.number(trial.sharpe, digits: 2), Self.share(trial.maxDrawdown), trial.trades.map(String.init) ?? "-",
        trial.params,
      ])
    }
    for line in table.lines { print(line) }
    if let headline = try await store.headline(of: optimization) {
      print(
        "out of sample: total return \(Self.share(headline.totalReturn)), Sharpe ratio "
          + "\(Self.number(headline.sharpe, digits: 2)), max drawdown \(Self.share(headline.maxDrawdown))")
    } else {
      print("in sample: the best of many looks good by chance; --train and --test show what it is worth")
    }
    guard let progress = try await store.progress(of: optimization) else { return }
    print(
      "optimization \(optimization): \(counted(Int(progress.ended), "trial")), \(progress.failed) failed, "
        + "\(progress.pruned) pruned; SELECT * FROM research.trials WHERE optimization_id = \(optimization)")
  }

  private static func share(_ value: Double?) -> String {
    value.map { String(rounding: 100 * $0, digits: 2) + " %" } ?? "-"
  }

  private static func number(_ value: Double?, digits: Int) -> String {
    value.map { abs($0) < 1e12 ? String(rounding: $0, digits: digits) : "\($0)" } ?? "-"
  }
}

/// How many trials all workers of this program have ended.
private final class TrialCount: Sendable {
  let line: ProgressLine?
  private let all: Int64
  private let ended: Mutex<Int64>

  init(_ before: OptimizationStore.Progress, _ line: ProgressLine?) {
    self.line = line
    all = before.trials
    ended = Mutex(before.ended)
  }

  func add(_ trials: Int) {
    let now = ended.withLock { ended in
      ended += Int64(trials)
      return ended
    }
    line?.show("\(now) of \(all) trials")
  }
}

struct Work: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the trials of an optimization that wait.",
    discussion: """
      Any number of programs and sessions (CALL research.work) run the trials of one optimization at once. Each batch is one \
      transaction: whoever is killed leaves it to the others, and the results are the same. docs/optimisation.md says more.
      """)

  @Argument(help: ArgumentHelp("The optimization, as `bourse backtest --optimize` or research.optimize numbered it."))
  var optimization: Int64

  @OptionGroup var workers: WorkerOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws { try await workers.work(on: optimization, database, output) }
}
