import ArgumentParser
import FoundationEssentials
import LibPQ
import Migrator

struct Migrate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Install or update the schema.",
    discussion: """
      Runs the migrations that the database does not have yet, then installs reference data, procedures and grants, each \
      in a transaction. Repeating the command does no harm, nor does running it twice at the same time.

      With --timescaledb it then makes market.ticks a hypertable of TimescaleDB, with all ticks that are stored: copied a \
      day at a time while the engine goes on, and put in place in one transaction. Interrupted, the ticks are where they \
      were, and the same command goes on where it stopped. There is no way back but a dump of the ticks.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Folder that holds sql/ and procedures/ (default: $BOURSE_SHARE, else those that came with the program).",
      valueName: "dir"))
  var sqlRoot: String?

  @Flag(help: "Say what the database has and what is to do, and change nothing.")
  var status = false

  @Flag(help: "Print the files that would be run, in order, and change nothing.")
  var dryRun = false

  @Flag(help: "Install procedures, reference data and grants even when they are up to date.")
  var force = false

  @Flag(help: "Keep ticks in TimescaleDB from now on: columnstore, continuous aggregates for old candles.")
  var timescaledb = false

  func validate() throws {
    if timescaledb && (status || dryRun) {
      throw ValidationError("--timescaledb changes the database: it goes with neither --status nor --dry-run")
    }
    if [status, dryRun, force].filter({ $0 }).count > 1 {
      throw ValidationError("--status, --dry-run and --force exclude each other")
    }
  }

  func run() async throws {
    let root = try ShareDirectory.locate(
      containing: "procedures/manifest.sql", explicit: sqlRoot, environment: ProcessInfo.processInfo.environment)
    let tree = try SQLTree(root: root)
    let migrator = Migrator(tree: tree, database: ConnectionOptions(try await database.connectionString()))
    if status {
      try report(status: try await migrator.status())
    } else if dryRun {
      try report(files: try await migrator.status().filesToRun(of: tree))
    } else {
      var report = Report(try await migrator.migrate(force: force) { Failure.write("bourse: \($0)") })
      if timescaledb {
        report.adoptedTimescale = try await migrator.adoptTimescale { Failure.write("bourse: \($0)") }
      }
      try self.report(report)
    }
  }

  private struct Status: Encodable {
    struct Migration: Encodable {
      let number: Int
      let name, state: String
      let appliedAt: String?
    }
    let migrations: [Migration]
    let code: String
    let upToDate: Bool
  }

  private func report(status plan: MigrationPlan) throws {
    if output.json {
      let applied = plan.applied.map {
        Status.Migration(number: $0.number, name: $0.name, state: "applied", appliedAt: $0.appliedAt)
      }
      let pending = plan.pending.map {
        Status.Migration(number: $0.number, name: $0.name, state: "pending", appliedAt: nil)
      }
      return try output.printJSON(
        Status(migrations: applied + pending, code: plan.code.rawValue, upToDate: plan.isUpToDate))
    }
    for migration in plan.applied { print("applied  \(migration.name)  (\(migration.appliedAt))") }
    for migration in plan.pending { print("pending  \(migration.name)") }
    print("procedures, reference data and grants: \(plan.code.rawValue)")
  }

  private func report(files: [String]) throws {
    if output.json { return try output.printJSON(["files": files]) }
    print(files.isEmpty ? "Nothing to do: the schema is up to date." : files.joined(separator: "\n"))
  }

  private struct Report: Encodable {
    let applied, dropped: [String]
    let installedCode: Bool
    var adoptedTimescale = false

    init(_ report: Migrator.Report) {
      applied = report.applied
      dropped = report.dropped
      installedCode = report.installedCode
    }
  }

  private func report(_ report: Report) throws {
    if output.json { return try output.printJSON(report) }
    for name in report.applied { print("applied  \(name)") }
    for name in report.dropped { print("dropped  \(name)") }
    if report.installedCode { print("The schema is installed.") }
    if report.adoptedTimescale { print("Ticks are a hypertable of TimescaleDB now.") }
    if !report.installedCode && !report.adoptedTimescale { print("Nothing to do: the schema is up to date.") }
  }
}
