import TradingCore

/// Shows an agent without memory the past, so that its rules are ready when it begins: stored bars for a feed of bars, and for a
/// feed of ticks what `market.candles` has, imported bars included, at the prices of the end of that past. Who has a memory, but
/// made it with bars, is shown the ticks of the day (or week) that has begun.
///
/// Where candles consist of whole minutes, those that are complete are put together from the kept ones of a minute, which is a
/// fraction of the rows and outlasts the ticks. Opens, highs, lows and closes are those of the ticks bit for bit; the sizes'
/// sums of complete candles may differ in their last digits. The candle that forms is made of its ticks, so that what is kept
/// of it is what it would have been.
package struct WarmUp: Sendable {
  let store: EngineStore
  let barResolution: Int64?
  /// The past ends here; nil when there is no event yet.
  let before: Timestamp?

  /// Nights, weekends and holidays have no ticks: so far back it looks at once, in microseconds.
  private static let lookBack: Int64 = 4 * 86_400_000_000

  package init(store: EngineStore, barResolution: Int64?, before: Timestamp?) {
    self.store = store
    self.barResolution = barResolution
    self.before = before
  }

  /// What is known of one series: candles that have closed, and the builder of the one that forms.
  fileprivate struct Past {
    var closed: [(candle: Candle, at: Timestamp)] = []
    var builder: CandleBuilder
  }

  /// - Parameter rulesToo: false: its memory goes on, and only days (weeks, months) of which it has no candle yet are shown.
  package func show(
    _ agent: inout SessionAgent, _ instruments: [Int32: SessionInstrument], rulesToo: Bool = true
  ) async throws {
    guard let before, rulesToo || barResolution == nil else { return }
    var pasts: [Past] = []
    for series in 0...agent.others.count {
      let (source, builder) = Self.series(series, of: agent)
      let isAsked = rulesToo || builder.isOnCalendar && builder.isUntouched
      let past =
        isAsked
        ? try await past(source, until: before, count: rulesToo ? Self.count(agent.memory, series) : 0)
        : Past(builder: builder)
      if series == 0 { agent.builder = past.builder } else { agent.others[series - 1].builder = past.builder }
      pasts.append(past)
    }
    if rulesToo { try await feed(pasts, to: &agent, instruments, isAnew: !agent.isNew) }
  }

  /// A memory of what was closed before ``before``, at the prices of that time, for an agent that goes on.
  package func memory(
    of agent: SessionAgent, _ instruments: [Int32: SessionInstrument]
  ) async throws -> StrategyMemory? {
    guard let before, let program = agent.memory?.program else { return nil }
    var past = agent
    past.memory = StrategyMemory(program)
    var pasts: [Past] = []
    for (series, known) in agent.knownUntil.enumerated() {
      let (source, _) = Self.series(series, of: agent)
      let end = known.map { min($0, before) } ?? before
      var shown = try await self.past(source, until: end, count: Self.count(agent.memory, series))
      // What ended before the candle that forms is complete, whether or not anything traded since.
      if known != nil { shown.advance(to: end) }
      // Prices of before the split.
      if end < before { try await restate(&shown, source.instrument, after: end, until: before) }
      pasts.append(shown)
    }
    try await feed(pasts, to: &past, instruments, isAnew: true)
    return past.memory
  }

  // MARK: Series

  /// What candles are made of.
  private struct Source {
    let instrument: Int32
    let isOnTicks: Bool
    let isOfBaseLength: Bool
    /// The times at which its candles closed make a difference.
    let needsCloses: Bool
    let calendar: CandleCalendar?
    let fresh: CandleBuilder
  }

  private static func series(_ series: Int, of agent: SessionAgent) -> (source: Source, builder: CandleBuilder) {
    let other = series == 0 ? nil : agent.others[series - 1]
    let builder = other?.builder ?? agent.builder
    let calendar = other == nil ? agent.calendar : other?.calendar
    let fresh =
      builder.isOnCalendar
      ? CandleBuilder.onCalendar()
      : (try? CandleBuilder(resolution: builder.resolution, origin: builder.origin)) ?? builder
    let isOfBaseLength = other?.isOfBaseLength ?? !agent.isMadeOfBars
    return (
      Source(
        instrument: other?.instrument ?? agent.instrument, isOnTicks: agent.isOnTicks && isOfBaseLength,
        isOfBaseLength: isOfBaseLength,
        needsCloses: !agent.others.isEmpty || agent.memory?.program.needsClock ?? false, calendar: calendar,
        fresh: fresh), builder
    )
  }

  /// How many candles a program wants to see of a series.
  static func count(_ memory: StrategyMemory?, _ series: Int) -> Int {
    guard let memory else { return 1 }
    return memory.program.warmUpCount(ofSeries: series)
  }

  /// The closed candles of a series until a time, at the prices of that time, and the forming one.
  private func past(_ source: Source, until end: Timestamp, count: Int) async throws -> Past {
    var splits = try await store.splits(of: [source.instrument], until: end)[...]
    var past = Past(builder: source.fresh)
    if source.isOnTicks {
      for tick in try await store.lastTicks(of: source.instrument, before: end, count: count) {
        Self.apply(&splits, until: tick.time, to: &past)
        past.closed.append((Candle(of: tick), tick.time))
      }
    } else if let barResolution, source.isOfBaseLength {
      for event in try await store.barsBefore(
        end, instrument: source.instrument, resolution: barResolution, count: count)
      {
        Self.apply(&splits, until: event.opensAt, to: &past)
        past.closed.append((event.bar, event.closesAt))
      }
    } else if let calendar = source.calendar {
      try await days(of: source, calendar, until: end, count: count, &splits, into: &past)
    } else if let barResolution {
      let bars = max(1, past.builder.resolution / barResolution)
      for event in try await store.barsBefore(
        end, instrument: source.instrument, resolution: barResolution, count: count * Int(bars))
      {
        Self.apply(&splits, until: event.opensAt, to: &past)
        past.fold(event.bar)
        past.advance(to: event.closesAt)
      }
      // What ended by then is past, whether or not its last bar traded.
      past.advance(to: end)
    } else {
      // Twice as far again, until there are enough or there is nothing more.
      var reach = Self.lookBack + past.builder.resolution * Int64(count)
      while true {
        let from = Timestamp.clamping(end.microseconds - reach)
        (past, splits) = (Past(builder: source.fresh), try await store.splits(of: [source.instrument], until: end)[...])
        try await fold(source.instrument, from: from, before: end, &splits, into: &past)
        if past.closed.count >= count { break }
        guard let first = try await store.firstCandle(of: source.instrument), first < from else { break }
        reach *= 4
      }
    }
    Self.apply(&splits, until: end, to: &past)
    return past
  }

  private func days(
    of source: Source, _ calendar: CandleCalendar, until end: Timestamp, count: Int,
    _ splits: inout ArraySlice<SessionSplit>, into past: inout Past
  ) async throws {
    let span = try await store.candleSpan(of: calendar, at: end.advanced(byMicroseconds: -1))
    let isOver = span.closesAt < end
    if count > 0 {
      for (candle, closedAt) in try await store.candles(
        of: source.instrument, calendar, until: isOver ? span.next : span.begin, count: count,
        withCloses: source.needsCloses)
      {
        Self.apply(&splits, until: candle.bucket, to: &past)
        past.closed.append((candle, closedAt))
      }
    }
    past.builder.open(span)
    if isOver {
      _ = past.builder.close()
    } else if let barResolution {
      let bars = (end.microseconds - span.begin.microseconds) / barResolution + 1
      for event in try await store.barsBefore(
        end, instrument: source.instrument, resolution: barResolution, count: Int(bars))
      where event.opensAt >= span.begin {
        Self.apply(&splits, until: event.opensAt, to: &past)
        past.fold(event.bar)
      }
    } else {
      try await fold(source.instrument, from: span.begin, before: end, &splits, into: &past)
    }
  }

  /// Makes candles of what is stored from one time to another.
  private func fold(
    _ instrument: Int32, from: Timestamp, before: Timestamp, _ splits: inout ArraySlice<SessionSplit>,
    into past: inout Past
  ) async throws {
    let isWhole = past.builder.resolution % MinuteFold.minute == 0
    let last = isWhole ? try await store.lastTick(of: instrument, before: before) : nil
    // Of the first minute only the part behind `from`.
    let minute = try CandleBuilder(resolution: MinuteFold.minute)
    let minutes = minute.bucket(of: try from.advanced(byMicroseconds: MinuteFold.minute - 1))
    let forming = max(minutes, last.map(past.builder.isOnCalendar ? minute.bucket : past.builder.bucket) ?? minutes)
    var folded = past
    var splitsLeft = splits
    func fold(_ time: Timestamp, _ update: (inout Past) -> Void) {
      Self.apply(&splitsLeft, until: time, to: &folded)
      update(&folded)
    }
    try await store.forEachTick(of: instrument, from: from, until: min(minutes, before)) { tick in
      fold(tick.time) { $0.fold(tick) }
    }
    if minutes < forming {
      try await store.forEachMinute(of: instrument, from: minutes, until: forming) { minute in
        fold(minute.bucket) { $0.fold(minute) }
      }
    }
    if forming < before {
      try await store.forEachTick(of: instrument, from: forming, until: before) { tick in
        fold(tick.time) { $0.fold(tick) }
      }
    }
    // Behind the last tick there may be bars of a vendor.
    let rest = try max(
      forming, last.map { try minute.bucket(of: $0).advanced(byMicroseconds: MinuteFold.minute) } ?? forming)
    if isWhole, case let end = minute.bucket(of: before), rest < end {
      try await store.forEachMinute(of: instrument, from: rest, until: end) { minute in
        fold(minute.bucket) { $0.fold(minute) }
      }
    }
    past = folded
    splits = splitsLeft
  }

  // MARK: Splits

  /// What came before a split has the prices of after it.
  private static func apply(_ splits: inout ArraySlice<SessionSplit>, until time: Timestamp, to past: inout Past) {
    while let next = splits.first, next.effectiveAt <= time {
      past.rescale(by: next.split.priceRatio)
      splits = splits.dropFirst()
    }
  }

  private func restate(_ past: inout Past, _ instrument: Int32, after: Timestamp, until end: Timestamp) async throws {
    for split in try await store.splits(of: [instrument], until: end) where split.effectiveAt > after {
      past.rescale(by: split.split.priceRatio)
    }
  }

  // MARK: Rules

  /// Shows closed candles to the agent in the order of their closes, its own behind all others that close with it.
  private func feed(
    _ pasts: [Past], to agent: inout SessionAgent, _ instruments: [Int32: SessionInstrument], isAnew: Bool = false
  ) async throws {
    guard let program = agent.memory?.program else {
      for (candle, at) in pasts[0].closed { agent.warmUp(candle, closedAt: at, clock: nil) }
      return
    }
    var all: [(series: Int, candle: Candle, at: Timestamp)] = []
    for (series, past) in pasts.enumerated() {
      for (candle, at) in past.closed { all.append((series, candle, at)) }
    }
    func order(_ series: Int) -> Int { series == 0 ? .max : series }
    all.sort { ($0.at, order($0.series)) < ($1.at, order($1.series)) }
    var hours: [Int: SessionHours] = [:]
    for series in pasts.indices where program.needsClock(ofSeries: series) {
      guard let first = all.first?.at, let last = all.last?.at,
        let exchange = instruments[Self.series(series, of: agent).source.instrument]?.feeGroup.exchange
      else { continue }
      hours[series] = try await store.hours(of: exchange, from: first, until: last)
    }
    for (series, candle, at) in all {
      let clock = hours[series]?.clock(at: at)
      if series > 0 {
        agent.memory?.update(series: series, candle, closedAt: at, clock: clock)
      } else if isAnew {
        agent.memory?.warmUp(candle, closedAt: at, clock: clock)
      } else {
        agent.warmUp(candle, closedAt: at, clock: clock)
      }
    }
  }
}

extension WarmUp.Past {
  mutating func fold(_ tick: Tick) {
    if case .closed(let candle) = builder.update(tick) { close(candle) }
  }

  mutating func fold(_ part: Candle) {
    if case .closed(let candle) = builder.update(part) { close(candle) }
  }

  /// What ends by then is complete.
  mutating func advance(to time: Timestamp) {
    if let end = builder.formingEnd, end <= time, let candle = builder.advance(to: time) {
      closed.append((candle, end))
    }
  }

  private mutating func close(_ candle: Candle) {
    closed.append((candle, Timestamp.clamping(candle.bucket.microseconds + builder.resolution)))
  }

  mutating func rescale(by priceRatio: Double) {
    builder.rescale(by: priceRatio)
    for index in closed.indices { closed[index].candle.rescale(by: priceRatio) }
  }
}
