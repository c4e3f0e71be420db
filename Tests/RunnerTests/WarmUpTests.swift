import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Feeds
@testable import Runner

@Suite(.needsServer, .commonTimeLimit)
struct WarmUpTests {
  private static let instrument = SessionInstrument(
    id: 1, symbol: "AAA", tickSize: try! Price("0.01"), lot: try! Quantity("1"), multiplier: .one, last: nil)

  private func agent(resolution: Int64) throws -> SessionAgent {
    let definition = try StrategyDefinition(type: .trend, json: #"{"fast":2,"slow":4,"atr":3}"#)
    let program = try StrategyProgram(
      definition, timeframe: RuleLength(count: Int(resolution / 1_000_000), unit: .second))
    let terms = try TradingTerms(tickSize: Self.instrument.tickSize, lot: Self.instrument.lot)
    var agent = SessionAgent(
      id: 1, portfolio: 1, instrument: 1, name: "walker", isActive: true,
      runtime: AgentRuntime(AgentPlan(exits: definition.exits, sizing: definition.sizing, terms: terms)),
      memory: StrategyMemory(program), builder: try CandleBuilder(resolution: resolution))
    agent.isNew = true
    return agent
  }

  private func isReady(_ agent: SessionAgent) -> Bool {
    agent.memory?.operands.allSatisfy(\.isFinite) ?? false
  }

  /// Prices that wander in quarters, so that halves of them are exact.
  private static func price(_ n: Int) -> Double { 100 + Double((n * 7) % 11) / 4 }

  @Test func barsOfThePastAreShownInTermsOfAfterTheSplit() async throws {
    let rows = (1...20).map { day in
      let price = Self.price(day) / (day >= 12 ? 2 : 1)
      return "(\(day), \(price))"
    }.joined(separator: ",")
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT 1, '1 day', (date '2013-07-01' + r.day)::timestamp AT TIME ZONE 'America/New_York', r.p, r.p, r.p, r.p, 1
        FROM (VALUES \(rows)) AS r (day, p);
      SELECT market.add_split('AAA', date '2013-07-01' + 12, 2, 1);
      """
    ) { _, connection in
      let events = try await EngineStore(connection).barsBefore(
        try Timestamp("2014-01-01T00:00:00Z"), instrument: 1, resolution: 86_400_000_000, count: 100)
      try #require(events.count == 20)
      // At each moment it has seen what had closed by then, and nothing else.
      for shown in [5, 11, 12, 15, 20] {
        let before = shown == 20 ? try Timestamp("2014-01-01T00:00:00Z") : events[shown].opensAt
        var warm = try agent(resolution: 86_400_000_000)
        try await WarmUp(store: EngineStore(connection), barResolution: 86_400_000_000, before: before)
          .show(&warm, [1: Self.instrument])
        var expected = try agent(resolution: 86_400_000_000)
        let isAfterSplit = shown >= 11
        for (index, event) in events.prefix(shown).enumerated() {
          let factor = isAfterSplit && index < 11 ? 0.5 : 1
          var bar = event.bar
          bar.rescale(by: factor)
          expected.warmUp(bar, closedAt: event.closesAt, clock: nil)
        }
        #expect(warm.memory?.state == expected.memory?.state, "\(shown) bars")
        #expect(shown < 5 || isReady(warm))
      }
    }
  }

  @Test func ticksOfThePastBecomeCandlesUpToTheFirstEvent() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
      SELECT 1, timestamptz '2013-10-07 14:00Z' + n * interval '7 s', 0, 50 + n % 13, 100 FROM generate_series(1, 300) AS n;
      """
    ) { _, connection in
      let before = try Timestamp("2013-10-07T14:30:00Z")
      var warm = try agent(resolution: 60_000_000)
      try await WarmUp(store: EngineStore(connection), barResolution: nil, before: before).show(
        &warm, [1: Self.instrument])
      var expected = try agent(resolution: 60_000_000)
      for n in 1...300 {
        let time = try Timestamp("2013-10-07T14:00:00Z").advanced(byMicroseconds: Int64(n) * 7_000_000)
        if time >= before { break }
        let tick = Tick(instrument: 1, time: time, price: Double(50 + n % 13), size: 100)
        if case .closed(let candle) = expected.builder.update(tick) {
          expected.warmUp(candle, closedAt: tick.time, clock: nil)
        }
      }
      #expect(warm.state == expected.state)
      #expect(isReady(warm))
      // Without an event there is no past.
      var cold = try agent(resolution: 60_000_000)
      try await WarmUp(store: EngineStore(connection), barResolution: nil, before: nil).show(
        &cold, [1: Self.instrument])
      #expect(cold.state == (try agent(resolution: 60_000_000).state))
    }
  }

  /// A vendor's minutes until 14:10, one of them beside an incomplete tick, ticks from then on, and minutes again.
  @Test func minutesOfAVendorStandInWhereTicksAreMissing() async throws {
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT 1, '1 minute', timestamptz '2013-10-07 14:00Z' + n * interval '1 minute', 60 + n, 62 + n, 59 + n, 61 + n, 500
        FROM generate_series(0, 29) AS n WHERE n < 10 OR n >= 20;
      INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
      SELECT 1, timestamptz '2013-10-07 14:10Z' + n * interval '7 s', 0, 50 + n % 13, 100 FROM generate_series(0, 85) AS n
      UNION ALL SELECT 1, '2013-10-07 14:03:30Z', 0, 63, 1;
      """
    ) { _, connection in
      let before = try Timestamp("2013-10-07T14:28:30Z")
      var warm = try agent(resolution: 60_000_000)
      try await WarmUp(store: EngineStore(connection), barResolution: nil, before: before).show(
        &warm, [1: Self.instrument])
      let candles = try await connection.query(
        "SELECT c.open, c.high, c.low, c.close, c.volume FROM market.candles('AAA', '1 minute', until => '2013-10-07 14:28Z') AS c"
      )
      #expect(candles.count == 28)
      var expected = try agent(resolution: 60_000_000)
      for (n, row) in candles.enumerated() {
        let candle = Candle(
          bucket: try Timestamp("2013-10-07T14:00:00Z").advanced(byMicroseconds: Int64(n) * 60_000_000),
          open: try row[0].double, high: try row[1].double, low: try row[2].double, close: try row[3].double,
          volume: try row[4].double)
        if case .closed(let candle) = expected.builder.update(candle) {
          expected.warmUp(candle, closedAt: candle.bucket, clock: nil)
        }
      }
      #expect(warm.memory?.state == expected.memory?.state)
      #expect(isReady(warm))
    }
  }

  /// What the ticks one by one make of an agent.
  private func folded(
    _ ticks: [Tick], before: Timestamp, resolution: Int64, split: SessionSplit
  ) throws -> SessionAgent {
    let count = WarmUp.count(try agent(resolution: resolution).memory, 0)
    var reach = 4 * 86_400_000_000 + resolution * Int64(count)
    while true {
      let from = try before.advanced(byMicroseconds: -reach)
      var agent = try agent(resolution: resolution)
      var hasSplit = false
      var closed: [Candle] = []
      func apply(until time: Timestamp) throws {
        if hasSplit || time < split.effectiveAt { return }
        hasSplit = true
        agent.builder.rescale(by: split.split.priceRatio)
        for index in closed.indices { closed[index].rescale(by: split.split.priceRatio) }
      }
      for tick in ticks where tick.time >= from && tick.time < before {
        try apply(until: tick.time)
        if case .closed(let candle) = agent.builder.update(tick) { closed.append(candle) }
      }
      try apply(until: before)
      reach *= 4
      if closed.count < count, from > ticks[0].time { continue }
      for candle in closed { agent.warmUp(candle, closedAt: candle.bucket, clock: nil) }
      return agent
    }
  }

  /// Prices that no double has, sizes whose sums are exact, gaps, a split within an hour of candles, and times inside, between and behind candles.
  @Test func keptCandlesMakeTheSameAgentBitForBit() async throws {
    let begin = try Timestamp("2013-10-07T13:30:00Z")
    var random = RandomStream(seed: 7)
    var time = begin
    let ticks = try (0..<6_000).map { n -> Tick in
      time = try time.advanced(byMicroseconds: Int64(random.uniform() * (n % 50 == 0 ? 1.5e9 : 4e7)))
      return Tick(
        instrument: 1, time: time, price: 100 + random.uniform() * 9, size: Double(Int(random.uniform() * 12)) / 4)
    }
    let rows = ticks.enumerated().map { "(1, '\($1.time)', \($1.price), \($1.size), \($0))" }.joined(separator: ",")
    try await TestDatabase.withSchema(
      """
      SELECT market.add_instrument(symbol => 'AAA');
      SELECT market.ensure_tick_partitions('2013-10-07', '2013-10-12');
      INSERT INTO market.ticks (instrument_id, ts, price, size, seq) VALUES \(rows);
      SELECT market.add_split('AAA', '2013-10-09', 4, 1);
      """
    ) { _, connection in
      let store = EngineStore(connection)
      let splits = try await store.splits(of: [1], until: .latest)
      let split = try #require(splits.first)
      var hours: [Double] = [0, 0.01, 0.5, 1, 10.25, 38.5, 38.51, 62, 100]
      for _ in 0..<3 { hours.append(random.uniform() * 70) }
      for resolution in [60, 420, 3_600, 14_400, 90].map({ Int64($0) * 1_000_000 }) {
        for hour in hours {
          let before = try begin.advanced(byMicroseconds: Int64(hour * 3.6e9))
          let expected = try folded(ticks, before: before, resolution: resolution, split: split)
          var warm = try agent(resolution: resolution)
          try await WarmUp(store: store, barResolution: nil, before: before).show(&warm, [1: Self.instrument])
          expectEqual(warm.state, expected.state, "\(resolution / 1_000_000) s, \(hour) h")
        }
      }
      // Candles outlast the ticks.
      let before = try Timestamp("2013-10-09T14:00:00Z")
      let expected = try folded(ticks, before: before, resolution: 60_000_000, split: split)
      try await connection.script(
        "UPDATE market.tick_policy SET keep_days = 1; SELECT market.apply_tick_retention('2013-10-09Z')")
      var warm = try agent(resolution: 60_000_000)
      try await WarmUp(store: store, barResolution: nil, before: before).show(&warm, [1: Self.instrument])
      expectEqual(warm.state, expected.state)
    }
  }
}
