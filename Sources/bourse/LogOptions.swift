import ArgumentParser
import Logging

/// How a command that runs for long tells what it does, on standard error.
struct LogOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How events are written: text, or one JSON object on a line.", valueName: "format"))
  var logFormat = LogFormat.text

  @Option(
    help: ArgumentHelp(
      "Least level that is written. debug follows each signal, order and fill by its client_order_id.",
      valueName: "level"))
  var logLevel = Logger.Level.info

  /// Runs `body` with a logger. In a log of objects what ends it is one, too.
  nonisolated(nonsending) func logging<Result>(
    _ body: nonisolated(nonsending) (Logger) async throws -> Result
  ) async throws -> Result {
    let logger = logger
    do {
      return try await body(logger)
    } catch {
      guard logFormat == .json, let status = Failure.status(of: error) else { throw error }
      logger.critical("\(Failure.text(of: error))")
      throw ExitCode(status)
    }
  }

  /// Says something as commands that are short do, or as an event where the log has objects.
  func warn(_ text: String, _ logger: Logger) {
    if logFormat == .json { logger.warning("\(text)") } else { Failure.write("bourse: \(text)") }
  }

  private var logger: Logger {
    Logger(label: "bourse") { label in
      var handler = LineLogHandler(label: label, format: logFormat, write: LineLogHandler.standardError)
      handler.logLevel = logLevel
      return handler
    }
  }
}

enum LogFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
