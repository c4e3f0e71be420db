// What C calls for strategies (entry.h). What is allocated here is in the arena that C calls it in, and is handed out without
// being given back: C ends the arena. Bad input is answered; a trap is a fault of the engine's own, and C survives it
// (guard.h).

/// A report of a strategy as JSON, the error included.
@_cdecl("bourse_strategy_check")
func strategyCheck(
  _ type: UnsafePointer<CChar>, _ months: Int32, _ days: Int32, _ microseconds: Int64,
  _ parameters: UnsafePointer<CChar>
) -> UnsafeMutablePointer<CChar> {
  do throws(RuleError) {
    return copy(of: try report(type, months, days, microseconds, parameters).json)
  } catch {
    return copy(of: StrategyReport.json(of: error))
  }
}

/// Begins a preview, or a check of conditions over the same candles; nil when the strategy is refused: `error` is then its
/// message and, behind a line feed, where it is.
@_cdecl("bourse_preview_begin")
func previewBegin(
  _ type: UnsafePointer<CChar>, _ months: Int32, _ days: Int32, _ microseconds: Int64,
  _ parameters: UnsafePointer<CChar>, _ from: Int64, _ checks: Bool,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> UnsafeMutableRawPointer? {
  do throws(RuleError) {
    let program = try report(type, months, days, microseconds, parameters).program
    let from = (try? Timestamp(microseconds: from)) ?? (from < 0 ? .earliest : .latest)
    let run =
      checks
      ? PreviewRun(program, check: try StrategyCheck(program, from: from))
      : PreviewRun(program, preview: StrategyPreview(program, from: from))
    return Unmanaged.passRetained(run).toOpaque()
  } catch let refusal {
    error.pointee = copy(of: refusal.message + "\n" + refusal.position)
    return nil
  }
}

@_cdecl("bourse_preview_series")
func previewSeries(_ preview: UnsafeRawPointer) -> Int32 { Int32(run(preview).program.series.count) }

@_cdecl("bourse_preview_predictions")
func previewPredictions(_ preview: UnsafeRawPointer) -> Int32 { Int32(run(preview).program.predictions.count) }

@_cdecl("bourse_preview_needs_clock")
func previewNeedsClock(_ preview: UnsafeRawPointer) -> Bool { run(preview).program.needsClock }

@_cdecl("bourse_preview_operands")
func previewOperands(_ preview: UnsafeRawPointer) -> Int32 { Int32(run(preview).program.operandNames.count) }

@_cdecl("bourse_preview_operand_names")
func previewOperandNames(_ preview: UnsafeRawPointer) -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>> {
  let names = run(preview).program.operandNames.map(copy)
  let copy = UnsafeMutablePointer<UnsafeMutablePointer<CChar>>.allocate(capacity: names.count)
  copy.initialize(from: names, count: names.count)
  return copy
}

/// Takes in the candles from first to last - 1 and writes a row for each of the instrument's own that is not of the past.
@_cdecl("bourse_preview_advance")
func previewAdvance(
  _ preview: UnsafeMutableRawPointer, _ candles: UnsafePointer<BourseCandles>, _ first: Int64, _ last: Int64,
  _ rows: UnsafeMutablePointer<BourseRows>
) {
  let run = run(preview)
  rows.pointee.count = 0
  for index in Int(first)..<Int(last) {
    // C has looked at the times.
    guard let candle = candles.pointee.candle(index) else { continue }
    run.take(candle, at: index, of: candles.pointee, into: &rows.pointee)
  }
}

/// What a check has counted, as JSON.
@_cdecl("bourse_preview_conditions")
func previewConditions(_ preview: UnsafeRawPointer) -> UnsafeMutablePointer<CChar> {
  copy(of: run(preview).check?.json ?? "null")
}

private func report(
  _ type: UnsafePointer<CChar>, _ months: Int32, _ days: Int32, _ microseconds: Int64,
  _ parameters: UnsafePointer<CChar>
) throws(RuleError) -> StrategyReport {
  try StrategyReport(
    type: String(cString: type),
    timeframe: RuleLength.timeframe(months: months, days: days, microseconds: microseconds),
    parameters: String(cString: parameters))
}

private func run(_ preview: UnsafeRawPointer) -> PreviewRun {
  Unmanaged<PreviewRun>.fromOpaque(preview).takeUnretainedValue()
}

/// Until the arena ends.
func copy(of text: String) -> UnsafeMutablePointer<CChar> {
  var text = text
  return text.withUTF8 { bytes in
    let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 1)
    UnsafeMutableRawBufferPointer(start: copy, count: bytes.count).copyMemory(from: UnsafeRawBufferPointer(bytes))
    copy.storeBytes(of: 0, toByteOffset: bytes.count, as: CChar.self)
    return copy.assumingMemoryBound(to: CChar.self)
  }
}

/// A preview or a check that is under way.
private final class PreviewRun {
  let program: StrategyProgram
  private var preview: StrategyPreview?
  private(set) var check: StrategyCheck?

  init(_ program: StrategyProgram, preview: StrategyPreview? = nil, check: StrategyCheck? = nil) {
    self.program = program
    self.preview = preview
    self.check = check
  }

  func take(_ candle: ClosedCandle, at index: Int, of candles: BourseCandles, into rows: inout BourseRows) {
    let count = program.predictions.count
    let predictions =
      candle.series == 0
      ? Array(UnsafeBufferPointer(start: candles.predictions + index * count, count: count)) : []
    check?.take(candle, predictions: predictions)
    guard let row = preview?.take(candle, predictions: predictions) else { return }
    let place = Int(rows.count)
    rows.candles[place] = Int64(index)
    rows.actions[place] =
      switch row.action {
      case nil: 0
      case .buy: 1
      case .sell: 2
      case .exit: 3
      }
    for (operand, value) in row.operands.enumerated() { rows.operands[place * row.operands.count + operand] = value }
    rows.count += 1
  }
}

extension BourseCandles {
  fileprivate func candle(_ index: Int) -> ClosedCandle? {
    guard let bucket = try? Timestamp(microseconds: buckets[index]),
      let closedAt = try? Timestamp(microseconds: closes_at[index])
    else { return nil }
    return ClosedCandle(
      Candle(
        bucket: bucket, open: open[index], high: high[index], low: low[index], close: close[index],
        volume: volume[index]),
      ofSeries: Int(series[index]), closedAt: closedAt, clock: clock(index))
  }

  private func clock(_ index: Int) -> ClockView? {
    guard let minutes, let weekdays, let opens_at, let ends_at else { return nil }
    var session: (opensAt: Timestamp, closesAt: Timestamp)?
    if let opens = try? Timestamp(microseconds: opens_at[index]),
      let closes = try? Timestamp(microseconds: ends_at[index])
    {
      session = (opens, closes)
    }
    return ClockView(minuteOfDay: minutes[index], weekday: Int(weekdays[index]), session: session)
  }
}
