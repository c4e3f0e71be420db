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

  func validate() throws {
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
      try report(try await migrator.migrate(force: force) { Failure.write("bourse: \($0)") })
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
  }

  private func report(_ report: Migrator.Report) throws {
    if output.json {
      return try output.printJSON(
        Report(applied: report.applied, dropped: report.dropped, installedCode: report.installedCode))
    }
    for name in report.applied { print("applied  \(name)") }
    for name in report.dropped { print("dropped  \(name)") }
    print(report.installedCode ? "The schema is installed." : "Nothing to do: the schema is up to date.")
  }
}
