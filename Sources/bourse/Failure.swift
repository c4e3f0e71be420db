import ArgumentParser
import Cluster
import EngineStore
import Feeds
import Glibc
import LibPQ
import Migrator
import Runner

/// What the user sees when a command fails: one readable line on standard error, and for a failed server its last log
/// lines. Exit status 2 says that the request was refused, 1 that something broke while it was carried out.
enum Failure {
  static let refused: Int32 = 2
  static let failed: Int32 = 1

  static func end(_ error: any Error) -> Never {
    switch error {
    case let error as ClusterError:
      say(error.description)
      for line in error.logTail { write("  \(line)") }
      exit(error.isRefusal ? refused : failed)
    case let error as MigrationError:
      say(text(of: error))
      exit(error.isRefusal ? refused : failed)
    case let error as PostgresError:
      say(text(of: error))
      exit(
        error.code == .connectionFailed || error.code == .invalidOptions || .class("TR") ~= error.sqlState
          ? refused : failed)
    case is ShareDirectory.NotFound, is UserError, is RunnerRefusal, is SessionLoader.WrongFeed, is FeedError:
      say(text(of: error))
      exit(refused)
    case is StoreError:
      say(text(of: error))
      exit(failed)
    default:
      endParsing(error)
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
    say(Bourse.message(for: error) + (isUsage ? "; see `bourse --help`" : ""))
    exit(isUsage ? refused : failed)
  }

  /// The person at the terminal may read what the log must not: the server's words in full, on one line.
  private static func readable(_ error: PostgresError) -> String {
    var text = error.sqlState == .none ? error.message : "\(error.message) (SQLSTATE \(error.sqlState))"
    if let detail = error.detail { text += ": \(detail)" }
    if let hint = error.hint { text += "; \(hint)" }
    return text.split(separator: "\n").joined(separator: " ").replacing("\t", with: "")
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
