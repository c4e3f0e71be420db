import EngineStore
import TradingCore

/// Shows an agent without memory the past, so that its indicators are ready when it begins: stored bars for a feed of
/// bars, candles of stored ticks for a feed of ticks. Splits in between are applied where they happened.
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
    let candles = agent.runtime.strategy.warmUp * Self.periods
    var splits = try await store.splits(of: [instrument.id], until: before)[...]
    if let barResolution {
      for event in try await store.barsBefore(
        before, instrument: instrument.id, resolution: barResolution, count: candles)
      {
        try Self.apply(&splits, until: event.opensAt, to: &agent)
        agent.runtime.warmUp(event.bar)
      }
    } else {
      let from = try before.advanced(byMicroseconds: -Self.lookBack - agent.builder.resolution * Int64(candles))
      let isWhole = agent.builder.resolution % MinuteFold.minute == 0
      let last = isWhole ? try await store.lastTick(of: instrument.id, before: before) : nil
      // Of the first minute only the part behind `from`.
      let minutes = try CandleBuilder(resolution: MinuteFold.minute).bucket(
        of: from.advanced(byMicroseconds: MinuteFold.minute - 1))
      let forming = max(minutes, last.map(agent.builder.bucket(of:)) ?? minutes)
      var past = agent
      var failure: (any Error)?
      func fold(_ time: Timestamp, _ update: (inout CandleBuilder) -> CandleBuilder.Outcome) {
        do {
          try Self.apply(&splits, until: time, to: &past)
        } catch {
          failure = error
        }
        if case .closed(let candle) = update(&past.builder) { past.runtime.warmUp(candle) }
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
      if let failure { throw failure }
      agent = past
    }
    try Self.apply(&splits, until: before, to: &agent)
  }

  /// Splits that came before the first event change nothing: there is no memory yet.
  private static func apply(
    _ splits: inout ArraySlice<SessionSplit>, until time: Timestamp, to agent: inout SessionAgent
  ) throws(ArithmeticError) {
    while let next = splits.first, next.effectiveAt <= time {
      agent.builder.rescale(by: next.split.priceRatio)
      try agent.runtime.apply(next.split)
      splits = splits.dropFirst()
    }
  }
}
