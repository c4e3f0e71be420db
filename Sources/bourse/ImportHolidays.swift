import ArgumentParser
import Feeds

struct ImportHolidays: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "holidays",
    abstract: "Load calendars of exchanges: holidays, early closes, special sessions.",
    discussion: """
      Needs columns for day (2026-01-26, 26-Jan-2026 or January 26, 2026) and holiday (its name); exchange, opens and closes \
      are optional. A row without hours is a day on which nothing trades; one with hours is a session that takes place instead \
      of the usual ones, in the exchange's time, and a day may have several. Usual names are understood, others are named with \
      --map. A row that cannot be used refuses the file.
      """)

  @OptionGroup var options: ImportOptions

  private struct Result: Encodable {
    let source: String
    let rows, added, changed, known: Int
  }

  func validate() throws {
    guard options.timeZone == nil, options.symbol == nil else {
      throw ValidationError(
        "calendars have no symbols, and times of their exchange: leave --symbol and --time-zone out")
    }
  }

  func run() async throws {
    var results: [Result] = []
    defer { if options.output.json { try? options.output.printJSON(["files": results]) } }
    let exchanges = (options.exchange ?? "").split(separator: ",").map(String.init)
    let job = HolidayImport(options: try options.fileOptions(), exchanges: exchanges)
    try await options.withConnection(check: job.check) { connection in
      for file in options.files {
        let report = try await job.run(file, on: connection)
        results.append(
          Result(
            source: file, rows: report.rows, added: report.added, changed: report.changed, known: report.known))
        if !options.output.json && !options.quiet {
          print(
            "\(file): \(grouped(report.rows)) holidays and sessions: \(grouped(report.added)) added, "
              + "\(grouped(report.changed)) changed, \(grouped(report.known)) already known")
        }
      }
    }
  }
}
