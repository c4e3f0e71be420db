import FoundationEssentials
import Glibc
import LibPQ

/// Processor time of this program and of a server on the same machine: what others do there disturbs it less than the clock.
struct ProcessorTime {
  private let postmaster: String

  /// Nil where there is no /proc, or the server is elsewhere or does not tell.
  init?(_ connection: Connection) async {
    guard let rows = try? await connection.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"),
      let process = try? rows.only()[0].string, Self.fields(of: process) != nil
    else { return nil }
    postmaster = process
  }

  /// Waits until the other sessions of this database have ended, but for so many, and the server has taken their time over.
  func waitForOthers(_ connection: Connection, but remaining: Int = 0) async throws {
    while try await connection.query(
      "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).only()[0].int > remaining { try await Task.sleep(for: .milliseconds(5)) }
    try await Task.sleep(for: .milliseconds(100))
  }

  /// In seconds: user and system, of all of the server's processes and of this one.
  var seconds: Double {
    var ticks = 0
    if let main = Self.fields(of: postmaster) { ticks += main[11...14].reduce(0) { $0 + (Int($1) ?? 0) } }
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where entry.first!.isNumber {
      if let other = Self.fields(of: entry), other[1] == postmaster {
        ticks += other[11...12].reduce(0) { $0 + (Int($1) ?? 0) }
      }
    }
    return Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))) + Self.program
  }

  /// Runs `body` with a connection of its own to tell what it takes.
  /// - Parameter others: sessions of the database that were there before, and stay.
  /// - Returns: its result, and seconds of processor time of this program and the server; nil where nobody tells.
  static func measure<T>(
    _ options: ConnectionOptions, besides others: Int = 0, _ body: () async throws -> T
  ) async throws -> (result: T, processor: Double?) {
    let connection = try await Connection.connect(options)
    let processor = await ProcessorTime(connection)
    let begin = processor?.seconds
    let result = try await body()
    try await processor?.waitForOthers(connection, but: others)
    let end = processor?.seconds
    await connection.close()
    return (result, begin.flatMap { begin in end.map { $0 - begin } })
  }

  /// The median of the ratios, as text; `?` where nobody tells.
  static func ratio(_ base: [Double?], _ full: [Double?]) -> String {
    let pairs = zip(base, full).compactMap { base, full in base.flatMap { base in full.map { base / $0 } } }
    return pairs.isEmpty ? "?" : String(rounding: BenchDatabase.median(pairs))
  }

  /// In seconds, of this process alone.
  static var program: Double {
    var own = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own)
    return Double(own.tv_sec) + Double(own.tv_nsec) / 1e9
  }

  /// The fields of /proc/<process>/stat behind the name, which may have blanks: state, parent, …
  private static func fields(of process: String) -> [String]? {
    guard let stat = try? String(contentsOf: URL(filePath: "/proc/\(process)/stat"), encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ").map(String.init)
    return fields.count > 15 ? fields : nil
  }
}
