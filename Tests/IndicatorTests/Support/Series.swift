@testable import TradingCore

/// Runs any kernel over bars: row by row, or in batches of the given sizes. One array per result column.
struct Series: KernelVisitor {
  enum Form {
    case incremental
    case batches(of: Int)
  }

  let bars: Bars
  let form: Form
  let parameters: IndicatorParameters
  var results: [[Double]] = []

  /// The result columns of `kind` over `bars`.
  static func of(_ kind: IndicatorKind, _ parameters: IndicatorParameters, _ bars: Bars, _ form: Form = .incremental)
    throws
    -> [[Double]]
  {
    var series = Series(bars: bars, form: form, parameters: parameters)
    try kind.visit(&series)
    return series.results
  }

  mutating func visit<K: Kernel>(_ kernel: K.Type) throws(IndicatorError) {
    var indicator = Indicator(try K(parameters))
    let input = Self.columns(K.Input.self, bars)
    var output = (0..<3).map { _ in [Double](repeating: -1, count: bars.count) }
    let size = if case .batches(let size) = form { size } else { 1 }
    for start in stride(from: 0, to: bars.count, by: size) {
      let end = min(start + size, bars.count)
      let rows = input.map { Array($0[start..<end]) }
      var results = output.map { Array($0[start..<end]) }
      Self.withColumns(rows, &results) { (columns: Columns<K.Input>, into: OutputColumns<K.Output>) in
        switch form {
        case .batches: indicator.update(columns, into: into)
        case .incremental: indicator.update(K.Input(row: 0, of: columns)).store(row: 0, to: into)
        }
      }
      for column in 0..<3 { output[column].replaceSubrange(start..<end, with: results[column]) }
    }
    results = Array(output[..<K.Output.columnCount])
  }

  private static func columns<Input: InputRecord>(_ input: Input.Type, _ bars: Bars) -> [[Double]] {
    if input == Double.self { return [bars.close] }
    if input == HighLow.self { return [bars.high, bars.low] }
    if input == HighLowClose.self { return [bars.high, bars.low, bars.close] }
    if input == HighLowCloseVolume.self { return [bars.high, bars.low, bars.close, bars.volume] }
    if input == OpenHighLowClose.self { return [bars.open, bars.high, bars.low, bars.close] }
    return [bars.close, bars.volume]
  }

  private static func withColumns<I, O>(
    _ input: [[Double]], _ output: inout [[Double]], _ body: (Columns<I>, OutputColumns<O>) -> Void
  ) {
    let count = input[0].count
    func address(_ column: Int) -> UnsafePointer<Double> {
      let copy = UnsafeMutablePointer<Double>.allocate(capacity: count)
      copy.initialize(from: input[min(column, input.count - 1)], count: count)
      return UnsafePointer(copy)
    }
    let rows = (0..<4).map(address)
    let results = (0..<3).map { _ in UnsafeMutablePointer<Double>.allocate(capacity: count) }
    body(Columns(count, rows[0], rows[1], rows[2], rows[3]), OutputColumns(count, results[0], results[1], results[2]))
    for column in 0..<O.columnCount {
      output[column] = Array(UnsafeBufferPointer(start: results[column], count: count))
    }
    for pointer in rows { pointer.deallocate() }
    for pointer in results { pointer.deallocate() }
  }
}

extension IndicatorKind {
  /// Usual parameters.
  var usual: IndicatorParameters {
    switch self {
    case .macd: .init(12, 26, 9)
    case .bbands: .init(20, 2)
    case .stochrsi: .init(14, 5, 3)
    case .stoch: .init(14, 3, 3)
    case .stochf: .init(14, 3)
    case .ultosc: .init(7, 14, 28)
    case .keltner: .init(20, 10, 2)
    case .supertrend: .init(10, 3)
    case .sar: .init(0.02, 0.2)
    default: .init(14)
    }
  }
}
