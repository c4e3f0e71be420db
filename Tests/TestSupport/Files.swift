import FoundationEssentials
import Testing

/// The checkout: this file lies in Tests/TestSupport.
package let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
  separator: "/")

/// The path of a file in `fixtures`.
package func fixture(_ name: String) -> String { "\(checkout)/fixtures/\(name)" }

package func contents(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

/// A folder of one test's own, which everybody may read.
package struct TemporaryFolder: ~Copyable {
  package let path: String

  package init() throws {
    path = "/tmp/bourse-test-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, with the folders above it, and returns its path.
  @discardableResult
  package func file(_ text: String, _ name: String = "ticks.csv") throws -> String { try file(Array(text.utf8), name) }

  @discardableResult
  package func file(_ bytes: [UInt8], _ name: String = "ticks.csv") throws -> String {
    let file = URL(filePath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }
}

/// Real files that may be used in tests but not shipped.
package enum RealFile: String, CaseIterable, Sendable {
  case ticksOfMonday = "us_equity_ticks_2013-10-07.csv.gz"
  case ticksOfTuesday = "us_equity_ticks_2013-10-08.csv.gz"
  case minuteBars = "nse_yesbank_1m_2019-07-09_11.csv.gz"
  case dayBars = "us_daily_2000_2013.csv.gz"

  package static let folder = checkout + "/../shared/data"
  package static let areThere = allCases.allSatisfy { FileManager.default.isReadableFile(atPath: $0.path) }

  package var path: String { "\(Self.folder)/\(rawValue)" }
}

extension Trait where Self == ConditionTrait {
  package static var needsRealFiles: Self {
    .enabled(if: RealFile.areThere, "the files of ../shared/data are not there")
  }
}
