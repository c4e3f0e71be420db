import FoundationEssentials
import Glibc
import LibPQ
import Migrator

/// A database for one measurement, and what measurements have in common.
enum BenchDatabase {
  /// Makes a database with the schema, in the plain tier unless said otherwise, runs `body` and drops it. Its name is new, so that
  /// nothing is ever dropped which was there before.
  static func with<T>(
    _ what: String, _ maintenance: ConnectionOptions, timescaledb: Bool = false,
    _ body: (ConnectionOptions) async throws -> T
  ) async throws -> T {
    let share = try ShareDirectory.locate(
      containing: "procedures/manifest.sql", explicit: nil, environment: ProcessInfo.processInfo.environment)
    let connection = try await Connection.connect(maintenance)
    let name = "bourse_bench_\(what)_\(UInt64.random(in: 0 ... .max))"
    try await connection.script("CREATE DATABASE \(name)")
    let outcome: Result<T, any Error>
    do {
      let options = maintenance.database(name)
      let migrator = Migrator(tree: try SQLTree(root: share), database: options)
      _ = try await migrator.migrate(force: false) { _ in }
      if timescaledb { _ = try await migrator.adoptTimescale() }
      // What was set up is on disk before the clock starts.
      try await connection.script("CHECKPOINT")
      outcome = .success(try await body(options))
    } catch {
      outcome = .failure(error)
    }
    try await connection.script("DROP DATABASE \(name) WITH (FORCE)")
    await connection.close()
    return try outcome.get()
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  static func percentile(_ percent: Int, _ values: [Double]) -> Double {
    values.sorted()[min(values.count - 1, values.count * percent / 100)]
  }

  /// Memory that this process occupies, in megabytes; 0 where there is no /proc.
  static var residentMegabytes: Int {
    guard let status = try? String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8) else { return 0 }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) / 1024
  }
}

/// Says something that is no result.
func note(_ text: String) {
  let bytes = Array("bourse-bench: \(text)\n".utf8)
  _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
}

extension String {
  /// With up to three decimals.
  init(rounding value: Double, digits: Int = 2) {
    let scale = [1.0, 10, 100, 1_000][digits]
    let parts = Int64((abs(value) * scale).rounded()).quotientAndRemainder(dividingBy: Int64(scale))
    self = "\(value < 0 ? "-" : "")\(parts.quotient)"
    if digits > 0 { self += ".\(String("\(Int64(scale) + parts.remainder)".dropFirst()))" }
  }

  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
