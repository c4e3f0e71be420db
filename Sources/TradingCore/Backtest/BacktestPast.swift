/// Candles that had closed before the events of a run begin, at the prices of its beginning.
struct BacktestPast: Sendable {
  private let splits: [SessionSplit]
  private let calendars: [ExchangeCalendar]
  private let exchanges: [Int32: Int32]

  init(_ specification: BacktestSpecification) {
    splits = specification.pastSplits.sorted { $0.effectiveAt < $1.effectiveAt }
    calendars = specification.terms.calendars
    exchanges = Dictionary(
      uniqueKeysWithValues: specification.terms.instruments.map { ($0.terms.id, $0.terms.feeGroup.exchange) })
  }

  /// Shows a candle to the rules of the agent on an instrument.
  func show(
    _ candle: Candle, series: Int, closedAt: Timestamp, to instrument: Int32, in session: inout TradingSession
  ) {
    guard let (lane, slot) = session.find(agent: BacktestAgent.id, instrument: instrument) else { return }
    var candle = candle
    let source =
      series == 0 ? instrument : session.lanes[lane].slots[slot].agent.others[series - 1].instrument
    for split in splits where split.instrument == source && split.effectiveAt > candle.bucket {
      candle.rescale(by: split.split.priceRatio)
    }
    var clock: ClockView?
    if session.lanes[lane].slots[slot].agent.memory?.program.needsClock(ofSeries: series) ?? false {
      clock = calendars.first { $0.exchange == exchanges[source] }?.hours(until: .latest).clock(at: closedAt)
    }
    if series == 0 {
      session.lanes[lane].slots[slot].agent.warmUp(candle, closedAt: closedAt, clock: clock)
    } else {
      session.lanes[lane].slots[slot].agent.update(series: series, candle, closedAt: closedAt, clock: clock)
    }
  }
}
