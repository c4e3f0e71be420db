/// The loop of trading: market events in, requests to the books out, the books' answers in.
///
/// A pure state machine for any number of portfolios, instruments and agents, so that a runner over a database and a
/// backtest inside it share every decision. The caller feeds one event with ``begin(_:)-(Tick)`` and then, until
/// ``isIdle``, carries out ``takeRequests()`` in order, reports with ``answer(_:)``, and calls ``proceed()``. Nothing is
/// decided on an event while an earlier one has requests open: what the books refuse was never assumed.
///
/// Events go through fixed phases: time passes (closes of sessions, settlements, snapshots, dividends, splits), orders are
/// matched, then agents look. Bars that open and close together are one event: all opens, then all ranges, then all closes, so that no
/// portfolio trades on a price of the future of another instrument.
///
/// Orders meet what trades in the sessions of their instrument's exchange. Before, between and behind them time passes, prices
/// are seen and agents may look, and nothing fills, triggers or trails.
///
/// A session of an exchange is over at the first event after its close, or with the bar that ends there. Then orders for
/// the close fill at the last price that the instrument had within a day before, and the books square off what was
/// intraday: the orders that they make for that are orders for this close.
public struct TradingSession: Sendable {
  enum Event {
    case tick(Tick, lane: Int)
    case bars([(event: BarEvent, lane: Int)])
    /// Nothing trades.
    case time(Timestamp)
  }

  public internal(set) var portfolios: [SessionPortfolio]
  /// Something did not go as the session's memory says: load it anew after this batch.
  public internal(set) var needsReload = false
  /// Agents take in candles and do nothing: what happens is the past of a run.
  public var isWatching = false
  /// What fills inside a bar brings to life meets the rest of that bar: for research only.
  public var fillsInsideBars = false
  /// Exits that agents have signalled, and when; nil: nobody wants to know.
  var exits: [(instrument: Int32, reason: ExitReason, at: Timestamp)]?
  /// The time of the latest event.
  public internal(set) var time: Timestamp?
  var lanes: [Lane]
  var homes: [OrderKey: Home] = [:]
  var requests: [SessionRequest] = []
  /// Scratch, to allocate once.
  var paperActions: [PaperAction] = []
  var agentActions: [AgentAction] = []
  private let laneOfInstrument: PlaceTable
  private let portfolioPositions: [Int32: Int]
  /// In order of time; those before `nextSplit` are done.
  var splits: [SessionSplit]
  var nextSplit = 0
  /// Dividends to come, in order.
  var dividends: [SessionDuty] = []
  /// The earliest split or dividend to come.
  var nextAction = Timestamp.latest
  /// The next end of a trading day of each exchange whose contracts are settled, in order.
  var settlements: [SessionDuty] = []
  /// End of each portfolio's present snapshot interval.
  var snapshotEnds: [Int64]
  var nextSnapshot = Int64.max
  /// When the next day of an exchange or a portfolio begins: what happens at that moment is still part of the one before.
  var nextPeriod: Int64
  /// The earliest close for which an order waits, or an earlier time.
  var nextClose = Timestamp.latest
  /// Ends of sessions at which portfolios are squared off, in order.
  var squareOffs: [(at: Timestamp, portfolio: Int32)] = []
  /// Calendars of candles, each with the begin of the candle behind the present one; the earliest time when none is known.
  var calendars: [(calendar: CandleCalendar, next: Timestamp)] = []
  /// The earliest begin of a calendar's next candle.
  var nextSpan = Timestamp.latest
  /// The clocks that agents ask for; nil hours before the first answer.
  var clocks: [(exchange: Int32, hours: SessionHours?)] = []
  /// Until when all of them are known.
  var nextHours = Timestamp.latest
  var tracks: [PredictionTrack]
  /// What outside programs want, in order.
  var inbox: [OutsideSignal]
  /// The time from which on there is something to ask or to do before an event.
  var nextQuestion = Timestamp.latest
  /// Scratch, to allocate once.
  var predictionValues: [Double] = []
  /// The earliest last time of open candles that end by time: of calendars, and those that are made of bars.
  var nextCandleEnd = Timestamp.latest
  /// Trailing stops that have moved and not been given out.
  var trails: [OrderKey: TrailedStop] = [:]
  private var event: Event?
  /// Scratch, to allocate once.
  private var barsOfEvent: [(event: BarEvent, lane: Int)] = []
  private var phase = 0

  /// - Parameters:
  ///   - splits: those that are still to come at `time`, or come late.
  ///   - duties: dividends likewise, and the next settlement of each exchange where contracts trade.
  ///   - predictions: those that programs may look at, in order of time.
  ///   - inbox: what outside programs want, in order.
  ///   - time: the last event that state and books have seen; nil before the first.
  /// - Throws: ``ParameterError`` when rules, orders or agents do not fit together.
  public init(
    portfolios: [SessionPortfolio], instruments: [SessionInstrument], agents: [SessionAgent], orders: [BookedOrder],
    positions: [SessionPosition], splits: [SessionSplit], duties: [SessionDuty] = [],
    predictions: [SessionPrediction] = [], inbox: [OutsideSignal] = [], time: Timestamp?
  ) throws(ParameterError) {
    self.inbox = inbox
    tracks = Self.tracks(predictions)
    self.portfolios = portfolios
    self.time = time
    self.splits = splits.sorted { $0.effectiveAt < $1.effectiveAt }
    portfolioPositions = Dictionary(uniqueKeysWithValues: portfolios.indices.map { (portfolios[$0].id, $0) })
    laneOfInstrument = PlaceTable(instruments.map { $0.id })
    lanes = []
    snapshotEnds = []
    nextPeriod = portfolios.map { $0.nextPeriod.microseconds }.min() ?? .max
    for instrument in instruments {
      var books: [PaperBook] = []
      for portfolio in portfolios {
        books.append(
          PaperBook(
            rules: try PaperRules(
              tickSize: instrument.tickSize, lot: instrument.lot, slippageBasisPoints: portfolio.slippageBasisPoints,
              participation: portfolio.participation, friction: portfolio.friction)))
      }
      lanes.append(
        Lane(
          instrument: instrument, lastPrice: instrument.last?.price, lastSize: instrument.last?.size ?? .nan,
          lastTime: instrument.last?.time ?? .earliest,
          fees: portfolios.map { $0.fees.history(of: instrument.feeGroup) }, books: books,
          held: Array(repeating: .none, count: portfolios.count)))
    }
    for position in positions {
      guard let lane = laneOfInstrument[position.instrument], let portfolio = portfolioPositions[position.portfolio]
      else { continue }
      hold(position.holding, lane, portfolio)
      if let at = position.squareOffAt { squareOff(position.portfolio, at) }
    }
    for agent in agents {
      guard let lane = laneOfInstrument[agent.instrument], let portfolio = portfolioPositions[agent.portfolio] else {
        throw ParameterError(.badState, "agent \(agent.id) has no portfolio or instrument in the session")
      }
      try seat(agent, lane, portfolio)
    }
    introduce()
    for order in orders { try book(order) }
    for duty in duties { add(duty) }
    findNextAction()
    for portfolio in portfolios {
      snapshotEnds.append(time.map { Self.snapshotEnd($0, portfolio.snapshotInterval) } ?? Int64.min)
    }
    nextSnapshot = snapshotEnds.min() ?? .max
  }

  // MARK: Events

  /// Begins an event. The event before must be done; a tick of an unknown instrument does nothing.
  public mutating func begin(_ tick: Tick) {
    guard let lane = laneOfInstrument[tick.instrument] else { return }
    // Nearly every tick: no order rests here, no time boundary passes.
    if lanes[lane].openOrders == 0, tick.time.microseconds < nextSnapshot, tick.time.microseconds <= nextPeriod,
      tick.time < nextAction, tick.time < nextClosing, tick.time < nextSettlement, tick.time < nextQuestion,
      tick.time <= nextCandleEnd
    {
      observe(tick, lane)
      time = max(time ?? tick.time, tick.time)
      if requests.isEmpty { return }
      event = .tick(tick, lane: lane)
      phase = 4
      return
    }
    event = .tick(tick, lane: lane)
    phase = 0
    proceed()
  }

  /// Event time has come to `now` without an event: what is due until then happens.
  public mutating func begin(passingTo now: Timestamp) {
    event = .time(now)
    phase = 0
    proceed()
  }

  /// Begins an event of one bar.
  public mutating func begin(_ bar: BarEvent) {
    guard let lane = laneOfInstrument[bar.instrument] else { return }
    if lanes[lane].openOrders > 0 || lanes[lane].isWatched || !nothingIsDue(from: bar.opensAt, until: bar.closesAt) {
      return begin([bar])
    }
    // Nearly every bar: no order rests here.
    lanes[lane].pass(bar)
    time = max(time ?? bar.closesAt, bar.closesAt)
    for slot in lanes[lane].slots.indices { close(bar.bar, closedAt: bar.closesAt, at: bar.closesAt, lane, slot) }
    if requests.isEmpty { return }
    event = .bars([(bar, lane)])
    phase = Self.phaseAfterCandles
  }

  /// Begins an event of bars that open together and close together.
  public mutating func begin(_ bars: [BarEvent]) {
    barsOfEvent.removeAll(keepingCapacity: true)
    var rests = false
    for bar in bars {
      guard let lane = laneOfInstrument[bar.instrument] else { continue }
      barsOfEvent.append((bar, lane))
      if lanes[lane].openOrders > 0 { rests = true }
    }
    guard let first = barsOfEvent.first?.event else { return }
    if !rests, nothingIsDue(from: first.opensAt, until: first.closesAt) {
      for (bar, lane) in barsOfEvent { lanes[lane].pass(bar) }
      time = max(time ?? first.closesAt, first.closesAt)
      closeBars(barsOfEvent)
      if requests.isEmpty { return }
      event = .bars(barsOfEvent)
      phase = Self.phaseAfterCandles
      return
    }
    event = .bars(barsOfEvent)
    phase = 0
    proceed()
  }

  /// Of an event of bars: when agents have looked.
  private static let phaseAfterCandles = 10

  public var isIdle: Bool { event == nil && requests.isEmpty }
  public var hasRequests: Bool { !requests.isEmpty }

  /// Trailing stops that have moved come first, so that the books know where they stand at whatever happens.
  public mutating func takeRequests() -> [SessionRequest] {
    var taken = takeTrails().map { SessionRequest.trail($0) }
    if taken.isEmpty {
      swap(&taken, &requests)
    } else {
      taken += requests
      requests.removeAll(keepingCapacity: true)
    }
    return taken
  }

  /// Where the trailing stops stand that have moved since the last call, and that no request has told of.
  public mutating func takeTrails() -> [TrailedStop] {
    if trails.isEmpty { return [] }
    defer { trails.removeAll(keepingCapacity: true) }
    return trails.values.sorted { ($0.key.portfolio, $0.key.order) < ($1.key.portfolio, $1.key.order) }
  }

  /// Goes on with the present event until it is done or wants something.
  public mutating func proceed() {
    while let event, requests.isEmpty {
      switch event {
      case .tick(let tick, let lane):
        switch phase {
        case 0: if pass(to: tick.time) { continue }
        case 1:
          if askForSessions(of: lane, at: tick.time) { continue }
          match(tick, lane)
        case 2: observe(tick, lane)
        case 3: heed(at: tick.time)
        default: self.event = nil
        }
      case .time(let now):
        switch phase {
        case 0: if pass(to: now) { continue }
        default: self.event = nil
        }
      case .bars(let bars):
        switch phase {
        case 0: if pass(to: bars[0].event.opensAt) || askForHours(at: bars[0].event.closesAt) { continue }
        case 1:
          if askForSessions(of: bars) { continue }
          matchOpens(of: bars)
        case 2:
          if askForSessions(of: bars) { continue }
          matchRanges(of: bars)
        case 3: if fillsInsideBars, matchRests(of: bars) { continue }
        case 4:
          for (bar, lane) in bars { lanes[lane].setPrice(bar.bar.close, .nan, bar.closesAt) }
          // A bar of a week is longer than a day.
          if bars[0].event.closesAt.microseconds > nextPeriod { beginPeriods(at: bars[0].event.closesAt) }
          time = max(time ?? bars[0].event.closesAt, bars[0].event.closesAt)
        case 5: matchCloses(of: bars)
        case 6: squareOff(at: bars[0].event.closesAt)
        // What the books made of that.
        case 7: matchCloses(of: bars)
        case 8: settle(by: bars[0].event.closesAt)
        case 9: closeBars(bars)
        case 10: heed(at: bars[0].event.closesAt)
        default: self.event = nil
        }
      }
      phase += 1
    }
  }

  // MARK: Ticks

  @inline(__always)
  private mutating func observe(_ tick: Tick, _ lane: Int) {
    guard tick.isUsable else { return }
    lanes[lane].setPrice(tick.price, tick.size, tick.time)
    for slot in lanes[lane].slots.indices {
      if lanes[lane].slots[slot].isWide {
        follow(tick, of: lane, lane, slot)
        continue
      }
      lanes[lane].slots[slot].change(at: tick.time)
      if lanes[lane].slots[slot].agent.isOnTicks {
        close(Candle(of: tick), closedAt: tick.time, at: tick.time, lane, slot)
      } else if case .closed(let candle) = lanes[lane].slots[slot].agent.builder.update(tick) {
        let end = candle.bucket.microseconds + lanes[lane].slots[slot].agent.builder.resolution
        close(candle, closedAt: Timestamp(unchecked: end), at: tick.time, lane, slot)
      }
    }
    for place in lanes[lane].watchers { follow(tick, of: lane, place.lane, place.slot) }
  }

  func index(ofPortfolio id: Int32) -> Int? { portfolioPositions[id] }
  func index(ofInstrument id: Int32) -> Int? { laneOfInstrument[id] }
}
