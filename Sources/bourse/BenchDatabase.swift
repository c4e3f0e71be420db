import FoundationEssentials
import LibPQ
import Migrator

/// A database for one measurement, and what measurements have in common.
enum BenchDatabase {
  /// Makes a database with the schema, in the plain tier unless said otherwise, runs `body` and drops it.
  static func with<T>(
    _ name: String, _ maintenance: ConnectionOptions, timescaledb: Bool = false,
    _ body: (ConnectionOptions) async throws -> T
  ) async throws -> T {
    let share = try ShareDirectory.locate(
      containing: "procedures/manifest.sql", explicit: nil, environment: ProcessInfo.processInfo.environment)
    let connection = try await Connection.connect(maintenance)
    let quoted = quotedIdentifier(name)
    try await connection.script("DROP DATABASE IF EXISTS \(quoted) WITH (FORCE)")
    try await connection.script("CREATE DATABASE \(quoted)")
    let options = maintenance.database(name)
    let migrator = Migrator(tree: try SQLTree(root: share), database: options)
    _ = try await migrator.migrate(force: false) { _ in }
    if timescaledb { _ = try await migrator.adoptTimescale() }
    // What was set up is on disk before the clock starts.
    try await connection.script("CHECKPOINT")
    let result = try await body(options)
    try await connection.script("DROP DATABASE \(quoted) WITH (FORCE)")
    await connection.close()
    return result
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Memory that this process occupies, in megabytes; 0 where there is no /proc.
  static var residentMegabytes: Int {
    guard let status = try? String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8) else { return 0 }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1024
  }
}

extension String {
  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
