import EngineStore
import TradingCore

/// Shows an agent without memory the past, so that its indicators are ready when it begins: stored bars for a feed of
/// bars, candles of stored ticks for a feed of ticks. Splits in between are applied where they happened.
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
      var past = agent
      var failure: (any Error)?
      try await store.forEachTick(of: instrument.id, from: from, until: before) { tick in
        do {
          try Self.apply(&splits, until: tick.time, to: &past)
        } catch {
          failure = error
        }
        if case .closed(let candle) = past.builder.update(tick) { past.runtime.warmUp(candle) }
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
