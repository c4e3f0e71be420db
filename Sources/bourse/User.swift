import ArgumentParser
import EngineStore
import LibPQ
import Secrets

struct User: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Create, list and disable users and login roles, and show them portfolios.",
    discussion: """
      A user logs in by identity.login and acts by tokens, through a program; a login role connects to the database by \
      itself. Both have one of the roles trader, investor, analyst, dashboard, runner and admin. docs/access.md says who \
      may do what.
      """,
    subcommands: [UserAdd.self, UserList.self, UserDisable.self, UserShare.self])
}

extension DatabaseOptions {
  fileprivate func withUsers(_ body: (UserStore) async throws -> Void) async throws {
    try await withConnection(of: "user") { try await body(UserStore($0)) }
  }
}

struct UserAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Create a user, or with --login a role of the database.",
    discussion: """
      The password is asked for at the terminal, or read from standard input when that is none: arguments of a program \
      can be read by everybody on the machine.
      """)

  @Argument(help: ArgumentHelp("Name: a letter, then letters, digits, dots, dashes, underscores.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("Address, for letters about the account.", valueName: "address"))
  var email: String?

  @Option(
    help: ArgumentHelp(
      "trader, investor, analyst, dashboard, runner or admin; with --login also gateway.", valueName: "role"))
  var role = "trader"

  @Option(help: ArgumentHelp("What the subscription allows (default: free).", valueName: "tier"))
  var tier: String?

  @Flag(help: "Make a role of the database that connects by itself, without a row in identity.users.")
  var login = false

  @Flag(help: "With --login: give it no password; the server lets it in by other means.")
  var noPassword = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if login && (email != nil || tier != nil) {
      throw ValidationError("a login role has neither address nor tier; leave out --email and --tier")
    }
    if noPassword && !login { throw ValidationError("a user has a password; --no-password goes with --login") }
  }

  private struct Result: Encodable {
    let name, kind, role: String
  }

  func run() async throws {
    let password =
      noPassword ? nil : String(decoding: try SecretInput.read(prompt: "Password of \(name): ").bytes, as: UTF8.self)
    try await database.withUsers { store in
      if login {
        if let password {
          let shortest = try await store.shortestPassword()
          guard password.unicodeScalars.count >= shortest, !password.utf8.contains(0) else {
            throw UserError("a password has at least \(shortest) characters, and no byte that is zero")
          }
        }
        try await store.createLogin(name, password: password, role: role)
      } else {
        try await store.create(name, email: email, password: password ?? "", role: role, tier: tier ?? "free")
      }
    }
    if output.json {
      try output.printJSON(Result(name: name, kind: login ? "login" : "user", role: role))
    } else {
      print("\(name) is there, as \(role)\(login ? "; it connects to the database by itself" : "").")
    }
  }
}

struct UserList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "Show users and login roles.")

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let users: [Principal]
  }

  func run() async throws {
    try await database.withUsers { store in
      let all = try await store.all()
      if output.json { return try output.printJSON(Result(users: all)) }
      if all.isEmpty { return print("There are no users and no login roles: see bourse user add --help.") }
      var table = TextTable(["name", "kind", "role", "tier", "status", "last login", "address"])
      for one in all {
        table.add([one.name, one.kind, one.role, one.tier ?? "", one.status, one.lastLoginAt ?? "", one.email ?? ""])
      }
      for line in table.lines { print(line) }
    }
  }
}

struct UserDisable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable", abstract: "Let a user or a login role log in no more.",
    discussion: "The sessions of a user end at once. What they own stays, and --undo lets them in again.")

  @Argument(help: ArgumentHelp("Who.", valueName: "name"))
  var name: String

  @Flag(help: "Let them log in again.")
  var undo = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    let name, status: String
  }

  func run() async throws {
    try await database.withUsers { try await $0.disable(name, !undo) }
    if output.json {
      try output.printJSON(Result(name: name, status: undo ? "active" : "disabled"))
    } else {
      print(undo ? "\(name) may log in again." : "\(name) logs in no more.")
    }
  }
}

struct UserShare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "share", abstract: "Show a portfolio to a user, to read or to trade.")

  @Argument(help: ArgumentHelp("The portfolio: its name, or OWNER/NAME; * stands for all.", valueName: "portfolio"))
  var portfolio: String

  @Argument(help: ArgumentHelp("Whom it is shown to.", valueName: "name"))
  var name: String

  @Option(help: ArgumentHelp("read or trade (default: read).", valueName: "right"))
  var right: String?

  @Option(help: ArgumentHelp("When it ends, such as 2030-01-01 (default: when it is taken back).", valueName: "time"))
  var until: String?

  @Flag(help: "Take it back.")
  var undo = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if undo && (right != nil || until != nil) {
      throw ValidationError("what is taken back has no right and no end; leave out --right and --until")
    }
  }

  private struct Result: Encodable {
    let portfolio, name: String
    let right, until: String?
  }

  func run() async throws {
    let right = undo ? nil : right ?? "read"
    try await database.withUsers { try await $0.share(portfolio, with: name, right: right, until: until) }
    if output.json {
      try output.printJSON(Result(portfolio: portfolio, name: name, right: right, until: until))
    } else if let right {
      print("\(portfolio) is shown to \(name), to \(right)\(until.map { ", until \($0)" } ?? "").")
    } else {
      print("\(portfolio) is shown to \(name) no more.")
    }
  }
}
