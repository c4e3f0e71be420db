import ArgumentParser
import Cluster
import EngineStore
import FoundationEssentials
import LibPQ
import Migrator

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which tier is in use and why, and what is wrong.",
    discussion: "Exits with status 1 when something has to be done before the engine can run.")

  @Flag(
    help: ArgumentHelp(
      "Look over who may do what instead: network, passwords, roles, rights, logs, files. Ask as a superuser, on the server's machine."
    ))
  var security = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    var checkup = Checkup()
    if security { await examineSecurity(&checkup) } else { await examine(&checkup) }
    if output.json {
      try output.printJSON(checkup)
    } else {
      for finding in checkup.findings { print(finding.line) }
      if let tier = checkup.tier { print("\nTier: \(tier)") }
    }
    if checkup.findings.contains(where: { $0.level == .bad }) { throw ExitCode(Failure.failed) }
  }

  private func examine(_ checkup: inout Checkup) async {
    checkup.add(.good, "program", "bourse \(Bourse.version)")
    if database.chosenServer == nil, await !examineCluster(&checkup) { return }
    do {
      let options = ConnectionOptions(try await database.connectionString(), applicationName: "bourse doctor")
      let facts = try await ServerFacts(of: options)
      checkup.add(facts)
      await examineSchema(options, &checkup)
    } catch {
      checkup.add(.bad, "connection", Failure.text(of: error))
    }
  }

  private func examineSecurity(_ checkup: inout Checkup) async {
    do {
      let facts = try await SecurityFacts.of(
        ConnectionOptions(try await database.connectionString(), applicationName: "bourse doctor"))
      checkup.addSecurity(facts)
      checkup.addFiles(facts)
    } catch {
      checkup.add(.bad, "connection", Failure.text(of: error))
    }
  }

  /// - Returns: whether there is a server to ask.
  private func examineCluster(_ checkup: inout Checkup) async -> Bool {
    do {
      let found = try await database.home.cluster().inspect()
      let isRunning = found.server == .running
      checkup.add(
        isRunning ? .good : .bad, "cluster",
        "\(found.layout.home), \(found.server.rawValue), server user \(found.layout.user.name)"
          + (isRunning ? "" : "; start it with `bourse up`"))
      if found.layout.serverFolder != found.layout.home {
        checkup.add(
          .note, "data", "kept in \(found.layout.serverFolder): \(found.layout.user.name) cannot enter the home")
      }
      checkup.add(.good, "socket", found.connection.socketDirectory)
      if let free = found.freeBytes {
        checkup.add(free < 1 << 30 ? .note : .good, "disk", "\(Checkup.size(Int64(clamping: free))) free")
      }
      return isRunning
    } catch {
      checkup.add(.bad, "cluster", Failure.text(of: error))
      return false
    }
  }

  private func examineSchema(_ options: ConnectionOptions, _ checkup: inout Checkup) async {
    do {
      let root = try ShareDirectory.locate(
        containing: "procedures/manifest.sql", explicit: nil, environment: ProcessInfo.processInfo.environment)
      let tree = try SQLTree(root: root)
      let plan = try await Migrator(tree: tree, database: options).status()
      let versions = "database \(plan.applied.count), program \(tree.migrations.count)"
      if plan.isUpToDate {
        checkup.add(.good, "schema", "up to date (\(versions) migrations)")
        try await examineCalendars(options, &checkup)
      } else {
        checkup.add(.bad, "schema", "\(versions) migrations, procedures \(plan.code.rawValue); run `bourse migrate`")
      }
      if plan.code != .missing && plan.pending.isEmpty { try await examineJournal(options, &checkup) }
    } catch {
      checkup.add(.bad, "schema", Failure.text(of: error))
    }
  }

  private func examineJournal(_ options: ConnectionOptions, _ checkup: inout Checkup) async throws {
    guard let journal = try await EngineStore.journal(of: options) else { return }
    let place =
      "epoch \(journal.epoch), begun at \(journal.beganAt) on server \(journal.server), timeline \(journal.timeline)"
    let note =
      ", which is not of this server: it was restored or promoted; the first transaction begins a new epoch of the journal"
    checkup.add(journal.isCurrent ? .good : .note, "journal", place + (journal.isCurrent ? "" : note))
  }
}

extension Doctor {
  private func examineCalendars(_ options: ConnectionOptions, _ checkup: inout Checkup) async throws {
    let ending = try await Connection.with(options) { try await HolidayStore($0).endingCalendars(within: 28) }
    for calendar in ending {
      checkup.add(
        .note, "calendar",
        "no holiday of \(calendar.exchange) is known after \(calendar.last); `bourse import holidays` adds them (docs/calendars.md)"
      )
    }
  }
}

/// What the doctor found, in the order of looking.
struct Checkup: Encodable {
  enum Level: String, Encodable {
    case good = "ok"
    case note
    case bad = "problem"
  }

  struct Finding: Encodable {
    let level: Level
    let subject, text: String

    var line: String {
      func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 1))
      }
      return padded(level.rawValue, 9) + padded(subject, 15) + text
    }
  }

  private(set) var findings: [Finding] = []
  private(set) var tier: String?

  mutating func add(_ level: Level, _ subject: String, _ text: String) {
    findings.append(Finding(level: level, subject: subject, text: text))
  }

  mutating func add(_ facts: ServerFacts) {
    add(.good, "server", "PostgreSQL \(facts.version)\(facts.isStandby ? ", a standby: reading only" : "")")
    add(.good, "role", facts.role + (facts.isSuperuser ? ", a superuser" : ""))
    add(
      facts.encoding == "UTF8" ? .good : .bad, "database",
      "\(facts.database), \(facts.encoding), \(Self.size(facts.databaseBytes))")
    addDurability(facts.durability)
    tier = "core"
    addExtension("bourse", facts, tier: "core + extension bourse", gives: "indicators and the candle aggregate in SQL")
    addTimescale(facts)
    if tier == "core" { tier = "core, on PostgreSQL alone" }
    addExtension("plpgsql_check", facts, tier: nil, gives: "a check of the procedures in make test")
  }

  private mutating func addDurability(_ settings: [String: String]) {
    let text = settings.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let isDurable =
      settings["fsync"] == "on" && settings["synchronous_commit"] != "off"
      && settings["full_page_writes"] == "on"
    add(isDurable ? .good : .note, "durability", text + (isDurable ? "" : ": a crash may lose what was committed"))
  }

  private mutating func addExtension(_ name: String, _ facts: ServerFacts, tier: String?, gives: String) {
    let found = facts.extensions[name]
    if let installed = found?.installed {
      add(.good, name, "\(installed) installed: \(gives)")
      if let tier { self.tier = tier }
    } else if let available = found?.available {
      add(.note, name, "\(available) available, not installed (CREATE EXTENSION \(name)): would give \(gives)")
    } else {
      add(.note, name, "not on this server: would give \(gives)")
    }
  }

  /// TimescaleDB is a tier only where somebody chose it: its licence and its hold on the database (which then opens on servers
  /// that load it only) are decisions.
  private mutating func addTimescale(_ facts: ServerFacts) {
    let found = facts.extensions["timescaledb"]
    let gives = "ticks in a columnstore, compression and retention"
    let canMove = "; `bourse migrate --timescaledb` would give \(gives)"
    if facts.storage == .timescaledb {
      tier = (tier ?? "core") + " + TimescaleDB"
      add(.good, "storage", "ticks are a hypertable of TimescaleDB \(found?.installed ?? "")")
      if facts.timescaleLicense == nil {
        add(
          .bad, "timescaledb",
          "not loaded, so that ticks cannot be read: set shared_preload_libraries = 'timescaledb' and restart")
      } else if let license = facts.timescaleLicense, license != "timescale" {
        add(
          .bad, "timescaledb",
          "runs under its \(license) licence: the columnstore can be read and not written; set timescaledb.license = 'timescale'"
        )
      }
      for job in facts.failedJobs {
        add(
          .note, "job", "\(job.name) failed last: \(job.error)" + (job.next.map { "; next at \($0)" } ?? ""))
      }
      return
    }
    add(.good, "storage", "ticks are in daily partitions, the plain tier")
    guard let available = found?.available else {
      return add(.note, "timescaledb", "not on this server: would give \(gives)")
    }
    if !facts.preloadedLibraries.contains("timescaledb"), facts.timescaleLicense == nil {
      add(
        .note, "timescaledb",
        "\(available) on this server, but not loaded: set shared_preload_libraries = 'timescaledb' and restart")
    } else if let license = facts.timescaleLicense, license != "timescale" {
      add(.note, "timescaledb", "\(available) under its \(license) licence, which has no columnstore: not used")
    } else if found?.installed != nil {
      add(.note, "timescaledb", "\(available) installed, not used\(canMove)")
    } else {
      add(.note, "timescaledb", "\(available) available, not used\(canMove)")
    }
  }

  static func size(_ bytes: Int64) -> String {
    bytes >= 10 << 30 ? "\(bytes >> 30) GB" : bytes >= 10 << 20 ? "\(bytes >> 20) MB" : "\(bytes >> 10) kB"
  }
}
