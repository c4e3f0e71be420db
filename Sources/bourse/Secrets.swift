import ArgumentParser
import EngineStore
import FoundationEssentials
import LibPQ
import Secrets

struct SecretsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secrets",
    abstract: "Keep credentials of brokers, sealed under a key that is never in the database.",
    discussion: """
      Credentials are read from the terminal or from standard input, never from the command line, and sealed (AES-256-GCM) \
      before they leave this program. They open for the connection, owner, broker and address only that they were set for. The \
      key is that of --key-file, of BOURSE_SECRET_KEY, of the file in BOURSE_SECRET_KEY_FILE, or systemd's credential \
      bourse-secret-key: docs/security.md.
      """,
    subcommands: [
      SecretsKey.self, SecretsSet.self, SecretsList.self, SecretsCheck.self, SecretsRotate.self, SecretsRemove.self,
    ])
}

struct KeyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("File with the key, which nobody else may read.", valueName: "file"))
  var keyFile: String?

  func key() throws -> SecretKey {
    try SecretKey.load(file: keyFile, environment: ProcessInfo.processInfo.environment)
  }
}

extension DatabaseOptions {
  /// Runs `body` in one transaction.
  fileprivate func withConnections<Result: Sendable>(
    _ body: @Sendable (ConnectionStore) async throws -> Result
  ) async throws -> Result {
    try await withConnection(of: "secrets") { connection in
      try await connection.transaction { try await body(ConnectionStore($0)) }
    }
  }
}

extension SealedConnection {
  fileprivate var purpose: SecretPurpose {
    SecretPurpose(connectionID: connectionID, owner: owner, broker: broker, url: url)
  }

  fileprivate func opened(under key: SecretKey) throws -> Secret {
    try SealedSecret.open(credentials, for: purpose, of: "\(owner)/\(name)", keyID: keyID, under: key)
  }
}

struct SecretsKey: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make a key in a new file that only you may read.",
    discussion: "Keep a copy elsewhere: without it what is sealed is lost.")

  @Argument(help: ArgumentHelp("The file; one that exists is left as it is.", valueName: "file"))
  var file: String

  func run() throws { print("Made key \(try SecretKey.make(file: file).id) in \(file).") }
}

struct SecretsSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Store a connection to a broker, or new credentials for it.")

  @Argument(help: ArgumentHelp("Name of the connection.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("Kind of broker.", valueName: "broker"))
  var broker: String

  @Option(help: ArgumentHelp("Address of the broker, if not its usual one.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("A portfolio that trades by it. May be repeated.", valueName: "name"))
  var portfolio: [String] = []

  @OptionGroup var key: KeyOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let name, owner, connectionID, keyID: String
  }

  func run() async throws {
    let key = try key.key()
    let secret = try SecretInput.read(prompt: "Credentials for \(name): ")
    let result = try await database.withConnections { store in
      let (owner, id) = try await store.place(of: name)
      let purpose = SecretPurpose(connectionID: id, owner: owner, broker: broker, url: url)
      try await store.put(
        SealedConnection(
          connectionID: id, owner: owner, name: name, broker: broker, url: url, keyID: key.id,
          credentials: SealedSecret.seal(secret, for: purpose, under: key)),
        portfolios: portfolio.isEmpty ? nil : portfolio)
      return Result(name: name, owner: owner, connectionID: id, keyID: key.id)
    }
    if output.json { return try output.printJSON(result) }
    print("Stored the credentials for \(name), sealed under key \(key.id).")
  }
}

struct SecretsList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show connections, without their credentials.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let connections: [BrokerConnection]
  }

  func run() async throws {
    let all = try await database.withConnections { try await $0.all() }
    if output.json { return try output.printJSON(Result(connections: all)) }
    if all.isEmpty { return print("No connection is stored: see bourse secrets set --help.") }
    var table = TextTable(["name", "owner", "broker", "address", "portfolios", "key", "sealed at"])
    for one in all {
      table.add([
        one.name, one.owner, one.broker, one.url ?? "", one.portfolios.joined(separator: ","), one.keyID, one.rotatedAt,
      ])
    }
    for line in table.lines { print(line) }
  }
}

struct SecretsCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Open all credentials, and say whether they are as they were sealed.")

  @OptionGroup var key: KeyOptions
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    let key = try key.key()
    let all = try await database.withConnections { try await $0.sealed(toRotate: false) }
    for one in all { _ = try one.opened(under: key) }
    print("\(counted(all.count, "connection")) can be opened under key \(key.id).")
  }
}

struct SecretsRotate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Seal all credentials anew under another key, all or none.",
    discussion: """
      The old key is found as for the other commands; bourse secrets key makes the new one. Programs that use the secrets get \
      the new key afterwards. Keep the old one as long as there are backups that need it.
      """)

  @Option(help: ArgumentHelp("File with the new key.", valueName: "file"))
  var newKeyFile: String

  @OptionGroup var key: KeyOptions
  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    let old = try key.key()
    let new = try SecretKey.load(file: newKeyFile, environment: [:])
    let count = try await database.withConnections { store in
      let all = try await store.sealed(toRotate: true)
      let sealed = try all.map { one in
        // Some may be under the new key already.
        let secret = try one.opened(under: one.keyID == new.id ? new : old)
        return SealedSecret.seal(secret, for: one.purpose, under: new).hexadecimal
      }
      try await store.rotate(all.map(\.connectionID), credentials: sealed, keyID: new.id)
      return all.count
    }
    print("Sealed \(counted(count, "connection")) anew: key \(old.id) became key \(new.id).")
  }
}

struct SecretsRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a connection with its credentials.")

  @Argument(help: ArgumentHelp("Name of the connection.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("Whose it is, if not yours: for administrators.", valueName: "user"))
  var owner: String?

  @OptionGroup var database: DatabaseOptions

  func run() async throws {
    try await database.withConnections { try await $0.remove(name, owner: owner) }
    print("Removed \(name).")
  }
}
