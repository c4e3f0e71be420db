import ArgumentParser
import EngineStore
import Feeds
import LibPQ

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write stored market data into an archive of CSV files.",
    discussion: """
      Files are packed with gzip and lie in folders by year and month; `bourse import` reads them back into the same rows. \
      A file appears when it is complete. Files that are there are kept, but for the last one, which may have grown: an \
      export that was interrupted goes on.
      """,
    subcommands: [ExportTicks.self, ExportBars.self])
}

struct ExportOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Folder of the archive.", valueName: "folder"))
  var folder: String

  @Option(help: ArgumentHelp("Only this exchange.", valueName: "code"))
  var exchange: String?

  @Option(help: ArgumentHelp("Only this instrument, in files of its own.", valueName: "symbol"))
  var symbol: String?

  @Option(help: ArgumentHelp("Begin with what happened at this time (ISO 8601).", valueName: "time"))
  var from: String?

  @Option(help: ArgumentHelp("Stop before this time (ISO 8601).", valueName: "time"))
  var until: String?

  @Flag(help: "Write files anew that are there.")
  var overwrite = false

  @Flag(name: .shortAndLong, help: "Show no files and no result.")
  var quiet = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { _ = try (PaceOptions.time(from), PaceOptions.time(until)) }

  private struct Result: Encodable {
    struct File: Encodable {
      let path: String
      let rows: Int
    }
    let files: [File]
    let written, kept, rows: Int
    let seconds: Double
  }

  func run(_ kind: ExportStore.Kind, resolution: BarResolution? = nil) async throws {
    let job = ArchiveExport(
      kind, folder: folder, exchange: exchange, symbol: symbol, resolution: resolution,
      from: try PaceOptions.time(from), until: try PaceOptions.time(until), overwrites: overwrite)
    var files: [Result.File] = []
    let report = try await database.withConnection(of: "export") { connection in
      try await job.run(on: connection) { path, rows in
        files.append(Result.File(path: path, rows: rows))
        if !output.json && !quiet { print("\(path): \(counted(rows, "row"))") }
      }
    }
    let seconds = (report.duration / .milliseconds(1)).rounded() / 1_000
    if output.json {
      try output.printJSON(
        Result(files: files, written: report.written, kept: report.kept, rows: report.rows, seconds: seconds))
    } else if !quiet {
      print(
        "\(counted(report.rows, "row")) in \(counted(report.written, "file")); \(counted(report.kept, "file")) there already; \(seconds) s"
      )
    }
  }
}

struct ExportTicks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ticks", abstract: "Write trades, a file for each day (UTC) and exchange.")

  @OptionGroup var options: ExportOptions

  func run() async throws { try await options.run(.ticks) }
}

struct ExportBars: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bars", abstract: "Write imported bars, a file for each month, exchange and length.",
    discussion: "A file of weekly bars is read back with --resolution 1w, since its rows have dates only.")

  @OptionGroup var options: ExportOptions

  @Option(help: ArgumentHelp("Only bars of this length, e.g. 1m, 1h, 1d (default: all).", valueName: "length"))
  var resolution: String?

  func validate() throws { _ = try length() }

  private func length() throws -> BarResolution? {
    guard let resolution else { return nil }
    guard let length = BarResolution(resolution) else {
      throw ValidationError("--resolution \(resolution) is no length; write 30s, 5m, 1h, 1d or 1w")
    }
    return length
  }

  func run() async throws { try await options.run(.bars, resolution: try length()) }
}
