/// A strategy run over events of the past: a ``TradingSession`` whose books are in memory.
///
/// Made from a specification, which says everything that the tables do, then fed with what has happened, in chunks of any size,
/// and then asked for its result. What it makes of an event depends on that event and those before it alone. It reads nothing,
/// and after an error it is good for nothing more.
public struct Backtest {
  /// What it is fed with.
  public enum Feed: Sendable {
    /// ``addBars(instruments:opensAt:closesAt:open:high:low:close:volume:)``
    case bars
    /// First ``addPast(instruments:series:buckets:closesAt:open:high:low:close:volume:)``, then
    /// ``addTicks(instruments:times:prices:sizes:)``.
    case ticks
  }

  public let feed: Feed
  private let specification: BacktestSpecification
  private let isTrial: Bool
  private let fillsAtClose: Bool
  private let barsAreOfDays: Bool
  private var books: MemoryBooks
  private var session: TradingSession
  private var record: BacktestRecord
  private var past: BacktestPast
  /// Bars that open together and were not run yet: others may follow in the next chunk.
  private var bars: [BarEvent] = []
  private var lastTime = Timestamp.earliest

  /// - Parameter specification: JSON that `research.backtest_specification` made.
  /// - Throws: ``BacktestError`` when it is none, or holds what a backtest cannot judge.
  public init(specification json: String) throws(BacktestError) {
    try self.init(try BacktestSpecification(json), isTrial: false)
  }

  /// - Parameter isTrial: only what statistics are computed from is kept.
  init(_ specification: BacktestSpecification, isTrial: Bool) throws(BacktestError) {
    self.specification = specification
    self.isTrial = isTrial
    fillsAtClose = specification.fill == .close
    barsAreOfDays = specification.resolution.map { $0 >= Timestamp.microsecondsPerDay } ?? false
    feed = specification.feed
    do throws(BooksRefusal) {
      books = try MemoryBooks(specification.terms)
    } catch {
      throw BacktestError(error)
    }
    let agents = try specification.agents()
    do throws(ParameterError) {
      session = try books.session(
        agents: agents, predictions: specification.predictions, time: specification.begins)
    } catch {
      throw .malformed(error.description + ".")
    }
    record = BacktestRecord(specification, hasCurve: !isTrial)
    past = BacktestPast(specification)
    session.isWatching = true
    session.fillsInsideBars = specification.fill == .intrabar
    session.exits = []
  }

  // MARK: Feeding

  /// Candles that had closed before the events begin, in the order of their closes, the agent's own behind all others.
  ///
  /// - Parameters:
  ///   - instruments: those that the agent trades.
  ///   - series: 0 for the agent's own candles, else the place among the others that its rules look at.
  ///   - buckets, closesAt: microseconds since 2000-01-01T00:00Z.
  public mutating func addPast(
    instruments: Span<Int32>, series: Span<Int32>, buckets: Span<Int64>, closesAt: Span<Int64>, open: Span<Double>,
    high: Span<Double>, low: Span<Double>, close: Span<Double>, volume: Span<Double>
  ) throws(BacktestError) {
    for row in instruments.indices {
      let candle = Candle(
        bucket: .clamping(buckets[row]), open: open[row], high: high[row], low: low[row], close: close[row],
        volume: volume[row])
      record.mix(instruments[row], closesAt[row], candle)
      past.show(
        candle, series: Int(series[row]), closedAt: .clamping(closesAt[row]), to: instruments[row], in: &session)
    }
  }

  /// Bars in the order of their openings.
  ///
  /// - Parameter opensAt, closesAt: microseconds since 2000-01-01T00:00Z.
  public mutating func addBars(
    instruments: Span<Int32>, opensAt: Span<Int64>, closesAt: Span<Int64>, open: Span<Double>, high: Span<Double>,
    low: Span<Double>, close: Span<Double>, volume: Span<Double>
  ) throws(BacktestError) {
    for row in instruments.indices {
      let begin = Timestamp.clamping(opensAt[row])
      guard begin >= lastTime, closesAt[row] > opensAt[row] else {
        throw .malformed("The bars are not in the order of their openings, at \(begin.description).")
      }
      let event = BarEvent(
        instrument: instruments[row], opensAt: begin, closesAt: .clamping(closesAt[row]),
        bar: Bar(
          bucket: begin, open: open[row], high: high[row], low: low[row], close: close[row], volume: volume[row]),
        isOfDays: barsAreOfDays)
      record.mix(event.instrument, closesAt[row], event.bar)
      if begin > lastTime, !bars.isEmpty { try runBars() }
      lastTime = begin
      if bars.isEmpty, row + 1 < opensAt.count, opensAt[row + 1] > opensAt[row] {
        // No other opens with it.
        try run(event)
      } else {
        bars.append(event)
      }
    }
  }

  /// Ticks in the order of their times.
  ///
  /// - Parameter times: microseconds since 2000-01-01T00:00Z.
  public mutating func addTicks(
    instruments: Span<Int32>, times: Span<Int64>, prices: Span<Double>, sizes: Span<Double>
  ) throws(BacktestError) {
    for row in instruments.indices {
      let time = Timestamp.clamping(times[row])
      guard time >= lastTime else { throw .malformed("The ticks are not in order, at \(time.description).") }
      lastTime = time
      let tick = Tick(instrument: instruments[row], time: time, price: prices[row], size: sizes[row])
      record.mix(tick)
      if session.isWatching, time >= specification.from { try act() }
      try record.pass(to: time, &session, &books)
      session.begin(tick)
      try serve(at: time)
      if record.hasOpenTrades { try record.see(tick, candle: session.lastCandle(of: tick.instrument)) }
      mark(at: time)
    }
  }

  /// Ends the run.
  /// - Returns: JSON that `research.record_backtest` stores, or of a trial `research.record_trials`.
  public mutating func finish() throws(BacktestError) -> String {
    if !bars.isEmpty { try runBars() }
    if session.isWatching { try act() }
    session.finish()
    try serve(at: lastTime)
    try record.end(&session, &books)
    return isTrial ? try record.trialJSON(books, specification) : try record.json(books, specification)
  }

  // MARK: Events

  /// Of bars that open together the shorter ones come first.
  private mutating func runBars() throws(BacktestError) {
    var rest = bars
    bars.removeAll(keepingCapacity: true)
    while let first = rest.first {
      var closesAt = first.closesAt
      var differ = false
      for bar in rest where bar.closesAt != closesAt {
        differ = true
        closesAt = min(closesAt, bar.closesAt)
      }
      try run(differ ? rest.filter { $0.closesAt == closesAt } : rest)
      if !differ { return }
      rest.removeAll { $0.closesAt == closesAt }
    }
  }

  // The record is told what it needs: a session that is handed over would be copied for every event.

  @inline(__always)
  private mutating func see(_ bar: BarEvent) throws(BacktestError) {
    if record.hasOpenTrades { try record.see(bar, candle: session.lastCandle(of: bar.instrument)) }
  }

  @inline(__always)
  private mutating func mark(at time: Timestamp) {
    if record.takesPoint() { record.mark(at: time, try? session.equity(of: 0)) }
  }

  @inline(__always)
  private mutating func run(_ bar: BarEvent) throws(BacktestError) {
    try pass(bar)
    session.begin(bar)
    try serve(at: bar.closesAt)
    try see(bar)
    if fillsAtClose { try fillAtClose([bar]) }
    mark(at: bar.closesAt)
  }

  private mutating func run(_ group: [BarEvent]) throws(BacktestError) {
    if group.count == 1 { return try run(group[0]) }
    try pass(group[0])
    session.begin(group)
    try serve(at: group[0].closesAt)
    for bar in group { try see(bar) }
    if fillsAtClose { try fillAtClose(group) }
    mark(at: group[0].closesAt)
  }

  /// Market orders that the closes of these bars have caused fill at them.
  private mutating func fillAtClose(_ bars: [BarEvent]) throws(BacktestError) {
    session.fillAtClose(bars)
    while session.hasRequests {
      try serve(at: bars[0].closesAt)
      session.fillAtClose(bars)
    }
  }

  /// Time comes to a bar.
  @inline(__always)
  private mutating func pass(_ bar: BarEvent) throws(BacktestError) {
    if session.isWatching, bar.opensAt >= specification.from { try act() }
    try record.pass(to: Timestamp.clamping(bar.closesAt.microseconds - 1), &session, &books)
  }

  /// The past is over.
  private mutating func act() throws(BacktestError) {
    let begin = max(specification.from, specification.begins)
    session.begin(passingTo: begin)
    try serve(at: begin)
    session.isWatching = false
    record.isActive = true
  }

  @inline(__always)
  private mutating func serve(at time: Timestamp) throws(BacktestError) {
    if session.hasRequests { try serveRequests(at: time) }
  }

  private mutating func serveRequests(at time: Timestamp) throws(BacktestError) {
    do throws(BooksError) {
      try books.serve(&session) { agent, _ in agent.history?.memory() }
    } catch {
      throw BacktestError(error, at: time)
    }
    if let failure = books.failures.first { throw .failed(failure.reason, at: failure.at) }
    try record.take(&session, books)
  }
}
