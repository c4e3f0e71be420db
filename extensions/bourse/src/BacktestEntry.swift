// What C calls for backtests (entry.h), in an arena as StrategyEntry.swift.

/// Begins a backtest; nil when its specification is refused.
@_cdecl("bourse_backtest_begin")
func backtestBegin(
  _ specification: UnsafePointer<CChar>, _ isOfTicks: UnsafeMutablePointer<Bool>,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> UnsafeMutableRawPointer? {
  do throws(BacktestError) {
    let run = BacktestRun(try Backtest(specification: String(cString: specification)))
    isOfTicks.pointee =
      switch run.backtest.feed {
      case .bars: false
      case .ticks: true
      }
    return Unmanaged.passRetained(run).toOpaque()
  } catch let error {
    refusal.pointee = BourseRefusal(error)
    return nil
  }
}

/// What trials have in common; nil when their specification is refused.
@_cdecl("bourse_trials_begin")
func trialsBegin(
  _ specification: UnsafePointer<CChar>, _ isOfTicks: UnsafeMutablePointer<Bool>,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> UnsafeMutableRawPointer? {
  do throws(BacktestError) {
    let trials = TrialRuns(try BacktestTrials(specification: String(cString: specification)))
    isOfTicks.pointee = trials.trials.feed == .ticks
    return Unmanaged.passRetained(trials).toOpaque()
  } catch let error {
    refusal.pointee = BourseRefusal(error)
    return nil
  }
}

/// Begins one of them, a backtest.
@_cdecl("bourse_trial_begin")
func trialBegin(
  _ trials: UnsafeMutableRawPointer, _ parameters: UnsafePointer<CChar>, _ begins: Int64,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> UnsafeMutableRawPointer? {
  let trials = Unmanaged<TrialRuns>.fromOpaque(trials).takeUnretainedValue().trials
  do throws(BacktestError) {
    return Unmanaged.passRetained(
      BacktestRun(try trials.trial(parameters: String(cString: parameters), begins: begins))
    ).toOpaque()
  } catch let error {
    refusal.pointee = BourseRefusal(error)
    return nil
  }
}

/// Gives the memory of a backtest back before the arena ends.
@_cdecl("bourse_backtest_end")
func backtestEnd(_ backtest: UnsafeMutableRawPointer) { Unmanaged<BacktestRun>.fromOpaque(backtest).release() }

@_cdecl("bourse_backtest_add_bars")
func backtestAddBars(
  _ backtest: UnsafeMutableRawPointer, _ events: UnsafePointer<BourseEvents>,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> Bool {
  let events = events.pointee
  return run(backtest).go(refusal) { backtest throws(BacktestError) in
    try backtest.addBars(
      instruments: events.column(events.instruments).span, opensAt: events.column(events.times).span,
      closesAt: events.column(events.closes_at).span, open: events.column(events.open).span,
      high: events.column(events.high).span,
      low: events.column(events.low).span, close: events.column(events.close).span,
      volume: events.column(events.volume).span)
  }
}

@_cdecl("bourse_backtest_add_past")
func backtestAddPast(
  _ backtest: UnsafeMutableRawPointer, _ events: UnsafePointer<BourseEvents>,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> Bool {
  let events = events.pointee
  return run(backtest).go(refusal) { backtest throws(BacktestError) in
    try backtest.addPast(
      instruments: events.column(events.instruments).span, series: events.column(events.series).span,
      buckets: events.column(events.times).span, closesAt: events.column(events.closes_at).span,
      open: events.column(events.open).span, high: events.column(events.high).span, low: events.column(events.low).span,
      close: events.column(events.close).span, volume: events.column(events.volume).span)
  }
}

/// Prices are in the column of closes.
@_cdecl("bourse_backtest_add_ticks")
func backtestAddTicks(
  _ backtest: UnsafeMutableRawPointer, _ events: UnsafePointer<BourseEvents>,
  _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> Bool {
  let events = events.pointee
  return run(backtest).go(refusal) { backtest throws(BacktestError) in
    try backtest.addTicks(
      instruments: events.column(events.instruments).span, times: events.column(events.times).span,
      prices: events.column(events.close).span, sizes: events.column(events.volume).span)
  }
}

/// The result as JSON; nil when the run cannot be ended.
@_cdecl("bourse_backtest_finish")
func backtestFinish(
  _ backtest: UnsafeMutableRawPointer, _ refusal: UnsafeMutablePointer<BourseRefusal>
) -> UnsafeMutablePointer<CChar>? {
  var result: UnsafeMutablePointer<CChar>?
  _ = run(backtest).go(refusal) { backtest throws(BacktestError) in result = copy(of: try backtest.finish()) }
  return result
}

private func run(_ backtest: UnsafeRawPointer) -> BacktestRun {
  Unmanaged<BacktestRun>.fromOpaque(backtest).takeUnretainedValue()
}

private final class TrialRuns {
  let trials: BacktestTrials

  init(_ trials: BacktestTrials) { self.trials = trials }
}

/// A backtest that is under way.
private final class BacktestRun {
  private(set) var backtest: Backtest

  init(_ backtest: Backtest) { self.backtest = backtest }

  /// Goes on; false when it cannot.
  func go(
    _ refusal: UnsafeMutablePointer<BourseRefusal>, _ step: (inout Backtest) throws(BacktestError) -> Void
  ) -> Bool {
    do throws(BacktestError) {
      try step(&backtest)
      return true
    } catch let error {
      refusal.pointee = BourseRefusal(error)
      return false
    }
  }
}

extension BourseRefusal {
  fileprivate init(_ error: BacktestError) {
    self.init(
      code: copy(of: error.code), message: copy(of: error.description), detail: copy(of: error.detail),
      hint: copy(of: error.hint))
  }
}

extension BourseEvents {
  /// C has made each column as long as there are events.
  fileprivate func column<Value>(_ values: UnsafePointer<Value>) -> UnsafeBufferPointer<Value> {
    UnsafeBufferPointer(start: values, count: Int(count))
  }
}
