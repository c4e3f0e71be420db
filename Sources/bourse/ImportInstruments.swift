import ArgumentParser
import Feeds

struct ImportInstruments: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instruments",
    abstract: "Load instrument masters: shares, futures, options, crypto.",
    discussion: """
      Needs a column for symbol; exchange, name, kind, currency, tick_size, lot_size, multiplier, sector, expires_on, strike, \
      option_right, underlying, initial_margin, maintenance_margin, is_shortable, is_active and alias are optional \
      (docs/instruments.md tells what each means). Usual names are understood, others are named with --map. A known symbol \
      gets the file's terms; the file's silence leaves what is known. Rows that cannot be used go to ops.import_rejects.
      """)

  @OptionGroup var options: ImportOptions

  @Option(
    help: ArgumentHelp(
      "Whose names the column alias has, e.g. zerodha; without it that column is not read.", valueName: "name"))
  var broker: String?

  private struct Result: Encodable {
    let source: String
    let importId: Int32
    let rows, added, changed, known, rejected: Int
    let seconds: Double
  }

  func validate() throws {
    guard options.timeZone == nil else {
      throw ValidationError("instruments have no times: --time-zone has no meaning")
    }
  }

  func run() async throws {
    var results: [Result] = []
    // What was stored is reported, whatever becomes of a later file.
    defer { if options.output.json { try? options.output.printJSON(["files": results]) } }
    let job = InstrumentImport(options: try options.fileOptions(), exchange: options.exchange, broker: broker)
    try await options.withConnection(check: job.check) { connection in
      for file in options.files {
        let report = try await job.run(file, on: connection)
        let seconds = (report.duration / .milliseconds(1)).rounded() / 1_000
        results.append(
          Result(
            source: file, importId: report.importID, rows: report.rows, added: report.added, changed: report.changed,
            known: report.known, rejected: report.rejected, seconds: seconds))
        if !options.output.json && !options.quiet {
          print(
            "\(file): \(counted(report.rows, "row")): \(grouped(report.added)) added, \(grouped(report.changed)) changed, "
              + "\(grouped(report.known)) already known, \(grouped(report.rejected)) rejected; \(seconds) s")
        }
        if report.rejected > 0 {
          Failure.write(
            "bourse: rejected \(counted(report.rejected, "row")) of \(file); "
              + "line, reason and content are in ops.import_rejects with import_id \(report.importID)")
        }
        if report.added + report.changed + report.known == 0 {
          throw ImportOptions.refuse(file, rows: report.rows, report.firstReject)
        }
      }
    }
  }
}
