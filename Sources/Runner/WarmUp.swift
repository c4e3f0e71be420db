import EngineStore
import TradingCore

/// Shows an agent without memory the past, so that its indicators are ready when it begins: stored bars for a feed of
/// bars, and for a feed of ticks what `market.candles` has, imported bars included. Splits in between are applied where they happened. Who has a memory, but made it with bars, is shown the ticks of the
/// day (or week) that has begun.
///
/// Where an agent's candles consist of whole minutes, those that are complete are put together from the kept ones of a minute,
/// which is a fraction of the rows and outlasts the ticks. Opens, highs, lows and closes are those of the ticks bit for bit, and
/// strategies look at nothing else; the sizes' sums of complete candles may differ in their last digits. The candle that forms is
/// made of its ticks, so that what is kept of it is what it would have been.
struct WarmUp: Sendable {
  let store: EngineStore
  let barResolution: Int64?
  /// The past ends here; nil when there is no event yet.
  let before: Timestamp?

  /// An average that is seeded late has lost its seed after some multiples of its period.
  private static let periods = 10
  /// Nights, weekends and holidays have no ticks: so far back it looks, in microseconds.
  private static let lookBack: Int64 = 4 * 86_400_000_000

  func show(_ agent: inout SessionAgent, _ instrument: SessionInstrument) async throws {
    guard let before else { return }
    let candles = agent.strategy.warmUp * Self.periods
    var splits = try await store.splits(of: [instrument.id], until: before)[...]
    if let barResolution {
      guard agent.isNew else { return }
      for event in try await store.barsBefore(
        before, instrument: instrument.id, resolution: barResolution, count: candles)
      {
        try Self.apply(&splits, until: event.opensAt, to: &agent)
        agent.warmUp(event.bar)
      }
    } else if let calendar = agent.calendar {
      let span = try await store.candleSpan(of: calendar, at: before.advanced(byMicroseconds: -1))
      let isOver = span.closesAt < before
      if agent.isNew {
        for candle in try await store.candles(
          of: instrument.id, calendar, until: isOver ? span.next : span.begin, count: candles)
        {
          try Self.apply(&splits, until: candle.bucket, to: &agent)
          agent.warmUp(candle)
        }
      }
      agent.builder.open(span)
      if isOver {
        _ = agent.builder.close()
      } else {
        try await fold(into: &agent, instrument, from: span.begin, before: before, &splits)
      }
    } else {
      let from = try before.advanced(byMicroseconds: -Self.lookBack - agent.builder.resolution * Int64(candles))
      try await fold(into: &agent, instrument, from: from, before: before, &splits)
    }
    try Self.apply(&splits, until: before, to: &agent)
  }

  /// Makes candles of what is stored from one time to another, and shows those that are complete.
  private func fold(
    into agent: inout SessionAgent, _ instrument: SessionInstrument, from: Timestamp, before: Timestamp,
    _ splits: inout ArraySlice<SessionSplit>
  ) async throws {
    let isWhole = agent.builder.resolution % MinuteFold.minute == 0
    let last = isWhole ? try await store.lastTick(of: instrument.id, before: before) : nil
    // Of the first minute only the part behind `from`.
    let minute = try CandleBuilder(resolution: MinuteFold.minute)
    let minutes = minute.bucket(of: try from.advanced(byMicroseconds: MinuteFold.minute - 1))
    let forming = max(minutes, last.map(agent.builder.isOnCalendar ? minute.bucket : agent.builder.bucket) ?? minutes)
    var past = agent
    var splitsLeft = splits
    var failure: (any Error)?
    func fold(_ time: Timestamp, _ update: (inout CandleBuilder) -> CandleBuilder.Outcome) {
      do {
        try Self.apply(&splitsLeft, until: time, to: &past)
      } catch {
        failure = error
      }
      if case .closed(let candle) = update(&past.builder) { past.warmUp(candle) }
    }
    try await store.forEachTick(of: instrument.id, from: from, until: min(minutes, before)) { tick in
      fold(tick.time) { $0.update(tick) }
    }
    if minutes < forming {
      try await store.forEachMinute(of: instrument.id, from: minutes, until: forming) { minute in
        fold(minute.bucket) { $0.update(minute) }
      }
    }
    if forming < before {
      try await store.forEachTick(of: instrument.id, from: forming, until: before) { tick in
        fold(tick.time) { $0.update(tick) }
      }
    }
    // Behind the last tick there may be bars of a vendor.
    let rest = try max(
      forming, last.map { try minute.bucket(of: $0).advanced(byMicroseconds: MinuteFold.minute) } ?? forming)
    if isWhole, case let end = minute.bucket(of: before), rest < end {
      try await store.forEachMinute(of: instrument.id, from: rest, until: end) { minute in
        fold(minute.bucket) { $0.update(minute) }
      }
    }
    if let failure { throw failure }
    agent = past
    splits = splitsLeft
  }

  /// Splits that came before the first event change nothing: there is no memory yet. An agent that has one knows them, but for
  /// its forming candle.
  private static func apply(
    _ splits: inout ArraySlice<SessionSplit>, until time: Timestamp, to agent: inout SessionAgent
  ) throws(ArithmeticError) {
    while let next = splits.first, next.effectiveAt <= time {
      agent.builder.rescale(by: next.split.priceRatio)
      if agent.isNew { agent.strategy.rescale(by: next.split.priceRatio) }
      splits = splits.dropFirst()
    }
  }
}
