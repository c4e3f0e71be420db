import ArgumentParser
import Cluster
import Dashboards
import EngineStore
import Feeds
import Glibc
import LibPQ
import Migrator
import Runner
import Secrets
import Telemetry
import TradingCore

/// What the user sees when a command fails: one readable line on standard error, and for a failed server its last log
/// lines. Exit status 2 says that the request was refused, 1 that something broke while it was carried out.
enum Failure {
  static let refused: Int32 = 2
  static let failed: Int32 = 1

  static func end(_ error: any Error) -> Never {
    guard let status = status(of: error) else { endParsing(error) }
    say(text(of: error))
    if let error = error as? ClusterError {
      for line in error.logTail { write("  \(line)") }
    }
    exit(status)
  }

  /// Nil: it is none of the engine's.
  static func status(of error: any Error) -> Int32? {
    switch error {
    case let error as ClusterError: error.isRefusal ? refused : failed
    case let error as MigrationError: error.isRefusal ? refused : failed
    case let error as PostgresError: isRefusal(error) ? refused : failed
    case is ShareDirectory.NotFound, is UserError, is RunnerRefusal, is SessionLoader.WrongFeed, is FeedError,
      is RuleError, is BacktestFailure, is SecretError, is ListenAddress.Unusable, is DashboardError:
      refused
    case is StoreError: failed
    default: nil
    }
  }

  /// One line for a person.
  static func text(of error: any Error) -> String {
    (error as? PostgresError).map(readable) ?? "\(error)"
  }

  /// Help and version requests travel as errors too; they go to standard output and succeed.
  private static func endParsing(_ error: any Error) -> Never {
    let code = Bourse.exitCode(for: error)
    if code.isSuccess || error is ExitCode {
      Bourse.exit(withError: error)
    }
    let isUsage = code == .validationFailure
    // A list of what may be said has a line each.
    let message = Bourse.message(for: error).split(whereSeparator: \.isNewline).joined(separator: " ")
    say(message + (isUsage ? "; see `bourse --help`" : ""))
    exit(isUsage ? refused : failed)
  }

  /// Whether the request was turned down, rather than broke while it was carried out.
  private static func isRefusal(_ error: PostgresError) -> Bool {
    error.code == .connectionFailed || error.code == .invalidOptions || .class("TR") ~= error.sqlState
      || advice(on: error) != nil
  }

  /// The person at the terminal may read what the log must not: the server's words in full, on one line.
  private static func readable(_ error: PostgresError) -> String {
    var text = error.sqlState == .none ? error.message : "\(error.message) (SQLSTATE \(error.sqlState))"
    if let detail = error.detail { text += ": \(detail)" }
    if let hint = advice(on: error) ?? error.hint { text += (text.hasSuffix(".") ? " " : ". ") + hint }
    if error.code == .invalidOptions {
      text =
        "the address in --database-url or BOURSE_DATABASE_URL cannot be read: \(text); "
        + "it is like postgresql://user@host/database, or host=… dbname=…"
    }
    return text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("\t", with: "")
  }

  /// What to do about errors of the server that are not about the request itself.
  private static func advice(on error: PostgresError) -> String? {
    switch error.sqlState {
    case .undefinedTable, .undefinedFunction, .undefinedColumn, .invalidSchemaName:
      "The schema is missing, or not that of this program: see bourse doctor, and run bourse migrate."
    case .insufficientPrivilege:
      "Connect as a role that may do this, or have it granted: bourse_analyst reads, bourse_trader submits orders, "
        + "bourse_runner runs the service and imports, bourse_admin does all of it; migrations are the owner's."
    case .readOnlySQLTransaction:
      "The server is a standby, or lets this role only read: connect to the primary."
    case .diskFull: "Free some space for the server, and repeat."
    default: nil
    }
  }

  private static func say(_ text: String) { write("bourse: \(text)") }

  static func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}

/// A request that makes no sense as it was put; the text says what to do instead.
struct UserError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
