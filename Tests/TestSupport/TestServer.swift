import FoundationEssentials
import LibPQ
import Testing

/// The server that tests may use: `BOURSE_TEST_DATABASE_URL` names a maintenance database of it.
package enum TestServer {
  private static let environment = ProcessInfo.processInfo.environment
  package static let conninfo = environment["BOURSE_TEST_DATABASE_URL"]
  /// Whether ticks are kept in TimescaleDB; `Tests/timescaledb/run.sh` says so.
  package static let isTimescale = environment["BOURSE_TEST_TIER"] == "timescaledb"
  /// A database with the schema that may be copied, if `scripts/test.sh` has made one. Databases with TimescaleDB cannot be.
  static let template = isTimescale ? nil : environment["BOURSE_TEST_TEMPLATE"]

  package static func options() throws -> ConnectionOptions {
    var options = ConnectionOptions(try #require(conninfo), applicationName: "bourse tests")
    options.connectTimeout = patience
    return options
  }
}

extension Trait where Self == ConditionTrait {
  /// Without a server the tests are skipped.
  package static var needsServer: Self {
    .enabled(if: TestServer.conninfo != nil, "BOURSE_TEST_DATABASE_URL names no server; `make test` starts one")
  }
}
