import ArgumentParser
import Feeds

struct ImportActions: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "actions",
    abstract: "Load corporate actions: splits, bonuses, dividends, symbol changes.",
    discussion: """
      Needs columns for symbol, ex_date (first trading day at the new terms) and what the kind of action needs: numerator \
      and denominator (default 1) of a split or bonus (10:1 is ten shares for one; a bonus of 1:1 a new share for each \
      that is held), amount per share of a dividend, new_symbol of a symbol_change. A column kind \
      says which it is; a file of one kind needs none. The symbols must be known. Rows that cannot be used are shown.
      """)

  @OptionGroup var options: ImportOptions

  private struct Result: Encodable {
    struct Reject: Encodable {
      let line: Int
      let reason, content: String
    }
    let source: String
    let rows, added, known: Int
    let rejected: [Reject]
  }

  func run() async throws {
    var reports: [ActionImport.Report] = []
    defer {
      if options.output.json {
        let results = reports.map { report in
          Result(
            source: report.source, rows: report.rows, added: report.added, known: report.known,
            rejected: report.rejected.map { Result.Reject(line: $0.line, reason: $0.reason, content: $0.content) })
        }
        try? options.output.printJSON(["files": results])
      }
    }
    let job = ActionImport(options: try options.fileOptions(), exchange: options.exchange)
    try await options.withConnection(check: job.check) { connection in
      for file in options.files {
        let report = try await job.run(file, on: connection)
        reports.append(report)
        if !options.output.json && !options.quiet {
          print(
            "\(file): \(counted(report.rows, "row")): \(grouped(report.added)) added, \(grouped(report.known)) already known, "
              + "\(grouped(report.rejected.count)) rejected")
        }
        for row in report.rejected.prefix(20) {
          Failure.write("bourse: \(file) line \(row.line): \(row.reason): \(row.content)")
        }
        if report.rejected.count > 20 { Failure.write("bourse: … and \(report.rejected.count - 20) more") }
        if report.added + report.known == 0 {
          throw ImportOptions.refuse(file, rows: report.rows, report.rejected.first)
        }
      }
    }
  }
}
