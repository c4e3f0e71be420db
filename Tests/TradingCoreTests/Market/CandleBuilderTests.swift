import TestSupport
import Testing
import TradingCore

@Suite struct CandleBuilderTests {
  static let minute: Int64 = 60_000_000

  @Test func ticksOfOneMinuteBecomeOneCandle() throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    #expect(builder.forming == nil)
    #expect(builder.update(tick(0, 10, 2)) == .folded)
    #expect(builder.update(tick(1, 12, 1)) == .folded)
    #expect(builder.update(tick(1, 9, 1)) == .folded)
    #expect(builder.update(tick(59_999_999, 11, 0)) == .folded)
    let expected = Candle(
      bucket: try Timestamp(microseconds: 0), open: 10, high: 12, low: 9, close: 11, volume: 4, vwap: 10.25, ticks: 4)
    #expect(builder.forming == expected)
    #expect(builder.update(tick(Self.minute, 20, 1)) == .closed(expected))
    #expect(builder.forming?.open == 20 && builder.forming?.ticks == 1)
  }

  @Test func eventTimeClosesACandleOnce() throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    _ = builder.update(tick(5, 10, 1))
    #expect(try builder.advance(to: Timestamp(microseconds: Self.minute - 1)) == nil)
    #expect(try builder.advance(to: Timestamp(microseconds: Self.minute))?.close == 10)
    #expect(builder.forming == nil)
    #expect(try builder.advance(to: Timestamp(microseconds: 5 * Self.minute)) == nil)
    #expect(builder.update(tick(4 * Self.minute, 10, 1)) == .late)
    #expect(builder.update(tick(5 * Self.minute + 1, 10, 1)) == .folded)
    #expect(try builder.advance(to: Timestamp(microseconds: 0)) == nil)
    #expect(builder.forming != nil)
  }

  @Test func aLateTickIsCountedAndChangesNothing() throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    _ = builder.update(tick(Self.minute, 10, 1))
    let before = builder.forming
    #expect(builder.update(tick(Self.minute - 1, 99, 1)) == .late)
    #expect(builder.lateTicks == 1)
    #expect(builder.forming == before)
    #expect(builder.update(tick(Self.minute, 11, 1)) == .folded)
  }

  @Test(arguments: [
    (Double.nan, 1.0), (0, 1), (-1, 1), (.infinity, 1), (-.infinity, 1), (10, -1), (10, .nan), (10, .infinity),
  ])
  func aTickWithoutUsablePriceOrSizeIsRefused(price: Double, size: Double) throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    _ = builder.update(tick(0, 10, 1))
    #expect(builder.update(tick(2 * Self.minute, price, size)) == .refused)
    #expect(builder.forming?.ticks == 1)
  }

  @Test func candlesStartAtTheOriginBeforeAndAfterTheEpoch() throws {
    var builder = try CandleBuilder(resolution: 10, origin: 1_000_000_003)
    _ = builder.update(tick(-8, 10, 1))
    #expect(builder.forming?.bucket.microseconds == -17)
    _ = builder.update(tick(-7, 10, 1))
    #expect(builder.forming?.bucket.microseconds == -7)
    _ = builder.update(tick(13, 10, 1))
    #expect(builder.forming?.bucket.microseconds == 13)
  }

  @Test(arguments: [0, -1, CandleBuilder.widestResolution + 1, .max, .min])
  func absurdResolutionsAreRefused(resolution: Int64) {
    #expect(throws: ParameterError.self) { try CandleBuilder(resolution: resolution) }
  }

  @Test func nothingTrapsAtTheEndsOfTime() throws {
    for (resolution, origin) in [(Self.minute, Int64.max), (CandleBuilder.widestResolution, Int64.min)] {
      var builder = try CandleBuilder(resolution: resolution, origin: origin)
      for time in [Timestamp.earliest, .latest] {
        _ = builder.update(Tick(instrument: 1, time: time, price: 1, size: 1))
        _ = builder.advance(to: time)
        #expect(builder.forming?.ticks == 1)
        _ = try CandleBuilder(resolution: resolution, origin: origin, state: builder.state)
      }
    }
  }

  @Test func zeroSizesGiveACandleWithoutAveragePrice() throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    _ = builder.update(tick(0, 10, 0))
    #expect(builder.forming?.vwap.isNaN == true)
    #expect(builder.forming?.close == 10)
  }

  @Test(arguments: seeds(6))
  func anyStreamGivesTheCandlesOfABruteForceGrouping(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let resolution = Int64.random(in: 1...50, using: &generator)
    let origin = Int64.random(in: -100...100, using: &generator)
    var builder = try CandleBuilder(resolution: resolution, origin: origin)
    var closed: [Candle] = []
    var accepted: [Tick] = []
    var late = 0
    var time: Int64 = -500
    var horizon = Int64.min  // the start of the current bucket
    func bucket(_ time: Int64) -> Int64 {
      var start = origin
      while start > time { start -= resolution }
      while start + resolution <= time { start += resolution }
      return start
    }
    for sequence in 0..<600 {
      // Restoring between any two events must change nothing.
      builder = try CandleBuilder(resolution: resolution, origin: origin, state: builder.state)
      if Int.random(in: 0..<10, using: &generator) == 0 {
        let now = time + .random(in: -20...80, using: &generator)
        if let candle = builder.advance(to: try Timestamp(microseconds: now)) { closed.append(candle) }
        horizon = max(horizon, bucket(now))
        continue
      }
      time += .random(in: 0...12, using: &generator)
      let at = Int.random(in: 0..<8, using: &generator) == 0 ? time - .random(in: 0...90, using: &generator) : time
      let tick = Tick(
        instrument: 1, time: try Timestamp(microseconds: at), price: .random(in: 90...110, using: &generator),
        size: Double(Int.random(in: 0...300, using: &generator)), sequence: Int64(sequence))
      switch builder.update(tick) {
      case .folded: accepted.append(tick)
      case .closed(let candle):
        closed.append(candle)
        accepted.append(tick)
      case .late:
        late += 1
        #expect(at < horizon)
      case .refused: Issue.record("refused \(tick)")
      }
      if at >= horizon { horizon = bucket(at) }
    }
    if let last = builder.forming { closed.append(last) }
    #expect(builder.lateTicks == late && late > 0)

    var starts: [Int64] = []
    for tick in accepted {
      let start = bucket(tick.time.microseconds)
      if starts.last != start { starts.append(start) }
    }
    #expect(starts == starts.sorted())
    #expect(closed.map(\.bucket.microseconds) == starts)
    for candle in closed {
      let ticks = accepted.filter { bucket($0.time.microseconds) == candle.bucket.microseconds }
      let volume = ticks.reduce(0) { $0 + $1.size }
      let turnover = ticks.reduce(0) { $0 + $1.price * $1.size }
      #expect(candle.open == ticks.first?.price && candle.close == ticks.last?.price)
      #expect(candle.high == ticks.map(\.price).max() && candle.low == ticks.map(\.price).min())
      #expect(candle.volume == volume && candle.ticks == Int64(ticks.count))
      #expect(volume == 0 ? candle.vwap.isNaN : candle.vwap == turnover / volume)
    }
  }

  @Test func aStateOfAnotherBuilderIsRefused() throws {
    var builder = try CandleBuilder(resolution: Self.minute, origin: 7)
    _ = builder.update(tick(100, 10, 1))
    let state = builder.state
    #expect(throws: ParameterError.self) { try CandleBuilder(resolution: Self.minute, origin: 8, state: state) }
    #expect(throws: ParameterError.self) { try CandleBuilder(resolution: 60, origin: 7, state: state) }
    #expect(throws: ParameterError.self) {
      try CandleBuilder(resolution: Self.minute, origin: 7, state: state.dropLast())
    }
    #expect(throws: ParameterError.self) { try CandleBuilder(resolution: Self.minute, origin: 7, state: state + [0]) }
    #expect(throws: ParameterError.self) {
      try CandleBuilder(resolution: Self.minute, origin: 7, state: state.map { _ in 0xFF })
    }
  }

  @Test func aSplitRescalesTheFormingCandle() throws {
    var builder = try CandleBuilder(resolution: Self.minute)
    _ = builder.update(tick(0, 10, 100))
    _ = builder.update(tick(1, 14, 100))
    builder.rescale(by: 0.5)
    let expected = Candle(
      bucket: try Timestamp(microseconds: 0), open: 5, high: 7, low: 5, close: 7, volume: 400, vwap: 6, ticks: 2)
    #expect(builder.forming == expected)
  }

  private func tick(_ time: Int64, _ price: Double, _ size: Double) -> Tick {
    Tick(instrument: 1, time: try! Timestamp(microseconds: time), price: price, size: size)
  }
}
