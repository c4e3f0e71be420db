import Foundation
import TestSupport
import Testing

@testable import TradingCore

/// The extension's window functions against the Swift kernels, bit for bit. Needs a server with the extension installed:
/// BOURSE_TEST_DATABASE_URL is the conninfo of a maintenance database (superuser); uses psql.
@Suite(.enabled(if: Psql.isUsable, "BOURSE_TEST_DATABASE_URL is not set, or its server lacks the extension bourse"))
struct SQLWindowTests {
  @Test(arguments: [nil, 1, 2] as [UInt64?])
  func windowEqualsIncrementalBitForBit(seed: UInt64?) throws {
    let bars = seed.map { Bars.random(seed: $0, count: 2_000) } ?? GoldenTable.talib.bars
    let database = "bourse_indicators_\(seed ?? 0)_\(ProcessInfo.processInfo.processIdentifier)"
    try Psql.run("CREATE DATABASE \(database)")
    defer { _ = try? Psql.run("DROP DATABASE \(database)") }

    var setUp =
      "CREATE EXTENSION bourse; CREATE TABLE bars (i integer, open float8, high float8, low float8, close float8,"
    setUp += " volume float8);\nCOPY bars FROM STDIN (FORMAT csv);\n"
    for i in 0..<bars.count {
      setUp += "\(i),\(bars.open[i]),\(bars.high[i]),\(bars.low[i]),\(bars.close[i]),\(bars.volume[i])\n"
    }
    try Psql.run(setUp + "\\.\n", database)

    for kind in IndicatorKind.allCases {
      let expected = try Series.of(kind, kind.usual, bars)
      let fields = expected.count > 1 ? "(v).*" : "v"
      let output = try Psql.run(
        "SELECT \(fields) FROM (SELECT i, \(kind.sqlCall) OVER (ORDER BY i) AS v FROM bars) AS t ORDER BY i", database)
      let rows = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      try #require(rows.count == bars.count, "\(kind)")
      for (i, row) in rows.enumerated() {
        let values = row.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? .nan : Double($0)! }
        for (value, column) in zip(values, expected) where !(value.isNaN && column[i].isNaN) {
          // −0 is written as "-0", so the sign counts too.
          try #require(value.bitPattern == column[i].bitPattern, "\(kind), bar \(i)")
        }
        try #require(values.count == expected.count)
      }
    }
  }
}

extension IndicatorKind {
  /// The aggregate's call with the usual parameters.
  var sqlCall: String {
    var name = ""
    for character in "\(self)" {
      if character.isUppercase, !name.hasSuffix("_d") { name += "_" }
      name += character.lowercased()
    }
    return "ta.\(name)(\((inputNames + parameterTexts).joined(separator: ", ")))"
  }

  private var inputNames: [String] {
    switch self {
    case .sma, .ema, .wma, .dema, .tema, .kama, .trix, .rsi, .roc, .mom, .stdev, .linregSlope, .zscore, .macd, .bbands,
      .stochrsi, .volumeSurge:
      ["close"]
    case .atr, .natr, .adx, .plusDI, .minusDI, .cci, .willr, .stoch, .stochf, .ultosc, .keltner, .supertrend:
      ["high", "low", "close"]
    case .aroon, .sar, .donchian: ["high", "low"]
    case .obv, .vwap, .correlation: ["close", "volume"]
    case .mfi: ["high", "low", "close", "volume"]
    case .doji, .hammer, .engulfing, .morningStar, .eveningStar: ["open", "high", "low", "close"]
    }
  }

  private var parameterTexts: [String] {
    let all = [usual.first, usual.second, usual.third]
    let count =
      switch self {
      case .macd, .stochrsi, .stoch, .ultosc, .keltner: 3
      case .bbands, .stochf, .supertrend, .sar: 2
      default: hasParameters ? 1 : 0
      }
    return all[..<count].map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }
  }
}

enum Psql {
  static let isUsable: Bool =
    (try? run("SELECT 1 FROM pg_available_extensions WHERE name = 'bourse'")) == "1\n"

  /// What psql prints for `script`, unaligned with commas.
  @discardableResult
  static func run(_ script: String, _ database: String? = nil) throws -> String {
    let url = try #require(TestServer.conninfo)
    let temporary = try TemporaryFolder()
    let folder = URL(filePath: temporary.path)
    // \connect keeps host, port and user of the conninfo.
    let input = database.map { "\\connect \($0)\n" + script } ?? script
    try input.write(to: folder.appending(path: "in"), atomically: false, encoding: .utf8)
    _ = FileManager.default.createFile(atPath: folder.appending(path: "out").path(), contents: nil)

    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "psql", "-XqAt", "-F", ",", "-v", "ON_ERROR_STOP=1", "-f", folder.appending(path: "in").path(), url,
    ]
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try String(contentsOf: folder.appending(path: "out"), encoding: .utf8)
  }
}
