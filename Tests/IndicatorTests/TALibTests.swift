import Foundation
import TestSupport
import Testing

@testable import TradingCore

/// Equality with the TA-Lib wheel itself (0.8 or newer) over random bars with flat stretches, gaps, huge and tiny values.
/// Needs a Python with the wheel: `python3`, or the one that BOURSE_TALIB_PYTHON names. Otherwise prints why it does not run.
@Suite struct TALibTests {
  struct Request {
    var kind: IndicatorKind
    var parameters: IndicatorParameters
    var function: String
    var inputs: String
    var options: String
    /// The result columns in TA-Lib's order.
    var order = [0, 1, 2]
    /// How many result columns there are.
    var results = 1
    /// What TA-Lib's sliding sums may still carry of the largest price that has left, relative to it.
    var residue = 0.0

    var text: String { "\(function):\(inputs):\(options)" }
  }

  static func requests(_ n: Int) -> [Request] {
    let period = IndicatorParameters(Double(n))
    func plain(_ kind: IndicatorKind, _ function: String, _ inputs: String, residue: Double = 0) -> Request {
      Request(
        kind: kind, parameters: period, function: function, inputs: inputs, options: "\(n)", residue: residue)
    }
    return [
      plain(.sma, "SMA", "c"), plain(.ema, "EMA", "c"), plain(.wma, "WMA", "c", residue: 1e-14),
      plain(.dema, "DEMA", "c"),
      plain(.tema, "TEMA", "c"), plain(.kama, "KAMA", "c"), plain(.trix, "TRIX", "c"), plain(.rsi, "RSI", "c"),
      plain(.roc, "ROC", "c"), plain(.mom, "MOM", "c"), plain(.stdev, "STDDEV", "c"),
      plain(.linregSlope, "LINEARREG_SLOPE", "c", residue: 1e-14), plain(.atr, "ATR", "hlc"),
      plain(.natr, "NATR", "hlc"),
      plain(.adx, "ADX", "hlc"), plain(.plusDI, "PLUS_DI", "hlc"), plain(.minusDI, "MINUS_DI", "hlc"),
      plain(.cci, "CCI", "hlc"), plain(.willr, "WILLR", "hlc"), plain(.mfi, "MFI", "hlcv"),
      plain(.correlation, "CORREL", "cv"),
      Request(
        kind: .aroon, parameters: period, function: "AROON", inputs: "hl", options: "\(n)", order: [1, 0], results: 2),
      Request(
        kind: .macd, parameters: .init(Double(n), Double(2 * n), 9), function: "MACD", inputs: "c",
        options: "\(n),\(2 * n),9", results: 3),
      Request(
        kind: .bbands, parameters: .init(Double(n), 2.5), function: "BBANDS", inputs: "c", options: "\(n),2.5,2.5",
        results: 3),
      Request(
        kind: .stoch, parameters: .init(Double(n), 3, 4), function: "STOCH", inputs: "hlc", options: "\(n),3,0,4,0",
        results: 2),
      Request(
        kind: .stochf, parameters: .init(Double(n), 3), function: "STOCHF", inputs: "hlc", options: "\(n),3,0",
        results: 2),
      Request(
        kind: .stochrsi, parameters: .init(Double(n), 5, 3), function: "STOCHRSI", inputs: "c", options: "\(n),5,3,0",
        results: 2),
      Request(
        kind: .ultosc, parameters: .init(Double(n), Double(2 * n), Double(4 * n)), function: "ULTOSC", inputs: "hlc",
        options: "\(n),\(2 * n),\(4 * n)"),
      Request(
        kind: .sar, parameters: .init(0.02, 0.2), function: "SAR", inputs: "hl", options: "0.02,0.2"),
      Request(kind: .obv, parameters: .init(), function: "OBV", inputs: "cv", options: ""),
    ]
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func equalsTheWheelOnRandomBars(seed: UInt64) throws {
    guard TALib.isUsable else { return }
    let bars = Bars.random(seed: seed, count: 4_000)
    let requests = Self.requests([14, 5, 30, 20, 9, 2][Int(seed) - 1])
    var expected = try TALib.run(requests.map(\.text), bars)[...]
    for request in requests {
      let actual = try Series.of(request.kind, request.parameters, bars)
      for column in 0..<request.results {
        expectClose(
          actual[request.order[column]], Array(expected.prefix(bars.count)), request.text,
          residue: request.residue * bars.high.max()!)
        expected = expected.dropFirst(bars.count)
      }
    }
    #expect(expected.isEmpty)
  }
}

enum TALib {
  /// Whether the wheel is there and new enough; says why not, once.
  static let isUsable: Bool = {
    guard let version = try? version() else {
      print("skipped: TA-Lib comparison, no Python with the TA-Lib wheel (pip install TA-Lib; BOURSE_TALIB_PYTHON=...)")
      return false
    }
    guard !version.hasPrefix("0.4"), !version.hasPrefix("0.5"), !version.hasPrefix("0.6") else {
      print("skipped: TA-Lib comparison, the wheel is \(version); rules of flat windows differ before 0.8")
      return false
    }
    return true
  }()

  /// The version of the wheel, nil when it is not there.
  static func version() throws -> String? {
    guard let output = try python(["--version"], Data()) else { return nil }
    return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  static func run(_ requests: [String], _ bars: Bars) throws -> [Double] {
    var input = Data()
    for column in [bars.open, bars.high, bars.low, bars.close, bars.volume] {
      column.withUnsafeBytes { input.append(contentsOf: $0) }
    }
    let output = try #require(try python(requests, input))
    return output.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  /// What the script wrote, nil when TA-Lib cannot be imported.
  private static func python(_ arguments: [String], _ input: Data) throws -> Data? {
    let python = ProcessInfo.processInfo.environment["BOURSE_TALIB_PYTHON"] ?? "python3"
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Support/talib_reference.py")
    let temporary = try TemporaryFolder()
    let folder = URL(filePath: temporary.path)
    try input.write(to: folder.appending(path: "in"))
    _ = FileManager.default.createFile(atPath: folder.appending(path: "out").path(), contents: nil)

    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [python, script.path()] + arguments
    // Files, not pipes: neither side can block the other.
    process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
    process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus == 3 || process.terminationStatus == 127 { return nil }
    try #require(process.terminationStatus == 0)
    return try Data(contentsOf: folder.appending(path: "out"))
  }
}
