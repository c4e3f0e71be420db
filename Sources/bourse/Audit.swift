import ArgumentParser
import EngineStore
import Feeds
import LibPQ

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prove that nobody has changed what was done and traded.",
    discussion: """
      What only few may do is chained by hashes in ops.audit_log; the journal, orders, fills and transfers are sealed each \
      minute in ops.journal_seals. A head is the last link of such a chain: kept where the owner of the database cannot write, \
      it proves what was before it.
      """,
    subcommands: [AuditHead.self, AuditVerify.self])
}

struct AuditHead: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "head", abstract: "Print the heads of all chains, to be kept elsewhere.",
    discussion: """
      Seals first what is new. Keep what --json prints: bourse audit verify --head compares with it later, however long the \
      chains have grown.
      """)

  @OptionGroup var database: DatabaseOptions
  @Flag(help: "Print a JSON array instead of text.") var json = false

  func run() async throws {
    let heads = try await database.withAudit { store in
      _ = try await store.sealJournal()
      return try await store.chainHeads()
    }
    if json { return try OutputOptions.printJSON(heads) }
    var table = TextTable(["chain", "number", "hash"], numbers: [1])
    for head in heads { table.add([head.chain, "\(head.number)", head.hash]) }
    for line in table.lines { print(line) }
  }
}

struct AuditVerify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Look for what was changed, removed or inserted behind the engine's back.",
    discussion: """
      Reads everything, and exits with status 1 when something is wrong. Without --head a chain that somebody has made anew from \
      its beginning looks sound.
      """)

  @Option(
    help: ArgumentHelp(
      "What bourse audit head --json has printed before; - is standard input.", valueName: "file"))
  var head: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let faults: [AuditFault]
  }

  func run() async throws {
    let kept = try head.map { try smallFile($0) }
    let faults = try await database.withAudit { try await $0.verifyAudit(heads: kept) }
    if output.json {
      try output.printJSON(Result(faults: faults))
    } else if faults.isEmpty {
      print(
        "Nothing was changed, removed or inserted\(head == nil ? "" : ", and the chains go on from the heads that were kept")."
      )
    } else {
      var table = TextTable(["table", "row", "what is wrong"])
      for fault in faults { table.add([fault.relation, fault.key, fault.fault]) }
      for line in table.lines { print(line) }
    }
    if !faults.isEmpty { throw ExitCode(Failure.failed) }
  }
}

extension DatabaseOptions {
  fileprivate func withAudit<Result: Sendable>(_ body: (EngineStore) async throws -> Result) async throws -> Result {
    try await withConnection(of: "audit") { try await body(EngineStore($0)) }
  }
}
