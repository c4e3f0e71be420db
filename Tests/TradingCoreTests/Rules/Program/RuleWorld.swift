import TestSupport

@testable import TradingCore

/// Candles of several series, and everything else that rules look at, as plain arrays.
struct RuleWorld {
  struct Series {
    var symbol: String?
    var length: RuleLength?
    var candles: [Candle] = []
    var closes: [Timestamp] = []
    var clocks: [ClockView?] = []

    mutating func append(_ candle: Candle, _ close: Timestamp, _ clock: ClockView?) {
      candles.append(candle)
      closes.append(close)
      clocks.append(clock)
    }

    /// Candles of so many of these, the last one dropped when it is not whole.
    func folded(_ count: Int, _ length: RuleLength) -> Series {
      var result = Series(symbol: symbol, length: length)
      for start in stride(from: 0, to: candles.count - count + 1, by: count) {
        let part = candles[start..<(start + count)]
        result.append(
          Candle(
            bucket: part.first!.bucket, open: part.first!.open, high: part.map(\.high).max()!,
            low: part.map(\.low).min()!, close: part.last!.close, volume: part.reduce(0) { $0 + $1.volume }),
          closes[start + count - 1], clocks[start + count - 1])
      }
      return result
    }
  }

  /// The first is what the strategy acts on.
  var series: [Series]
  var trades: [TradeView] = []
  /// One array for each candle.
  var predictions: [[Double]] = []

  static let minute = RuleLength(count: 1, unit: .minute)
  static let five = RuleLength(count: 5, unit: .minute)
  static let hour = RuleLength(count: 1, unit: .hour)
  static let symbols = ["NSE:NIFTY 50", "X"]
  static let parameters: [(name: String, value: StrategyDefinition.ParameterValue)] = [
    ("fast", .number(RuleNumber(digits: 3))), ("slow", .number(RuleNumber(digits: 6))), ("other", .symbol("X")),
  ]
  static let models = ["trend-net", "m2"]

  func index(_ symbol: String?, _ length: RuleLength?) -> Int {
    series.firstIndex { $0.symbol == symbol && $0.length == length }!
  }

  /// For each candle of the strategy's own, the last one of `index` that has closed by its close; nil: none yet.
  func lastClosed(_ index: Int) -> [Int?] {
    var next = 0
    return series[0].closes.map { close in
      while next < series[index].closes.count, series[index].closes[next] <= close { next += 1 }
      return next > 0 ? next - 1 : nil
    }
  }

  /// The same world without what came after candle `count` - 1.
  func first(_ count: Int) -> RuleWorld {
    var world = self
    let end = series[0].closes[count - 1]
    for index in series.indices {
      let kept = index == 0 ? count : series[index].closes.prefix { $0 <= end }.count
      world.series[index].candles = Array(series[index].candles.prefix(kept))
      world.series[index].closes = Array(series[index].closes.prefix(kept))
      world.series[index].clocks = Array(series[index].clocks.prefix(kept))
    }
    world.trades = Array(trades.prefix(count))
    world.predictions = Array(predictions.prefix(count))
    return world
  }

  /// Wandering minutes of three instruments, with sessions of 50 minutes and gaps between them.
  static func random(seed: UInt64, count: Int) -> RuleWorld {
    var random = SeededGenerator(seed: seed)
    let own = wandering(nil, count, &random)
    var world = RuleWorld(series: [own])
    world.addLengths(of: own)
    for symbol in symbols {
      let other = wandering(symbol, count, &random)
      world.series.append(other)
      world.addLengths(of: other)
    }
    world.trade(&random)
    for _ in 0..<count {
      world.predictions.append(models.map { _ in random.uniform() < 0.3 ? .nan : random.uniform() })
    }
    return world
  }

  mutating func addLengths(of other: Series) {
    series.append(other.folded(5, Self.five))
    series.append(other.folded(60, Self.hour))
  }

  /// Positions that come and go.
  mutating func trade(_ random: inout SeededGenerator) {
    var trade = TradeView.flat
    for (candle, close) in zip(series[0].candles, series[0].closes) {
      trade.barsSinceEntry += 1
      if random.uniform() < 0.15 {
        let side = Int.random(in: -1...1, using: &random)
        trade =
          side == 0
          ? .flat
          : TradeView(
            side: side, barsSinceEntry: 1, enteredAt: close, entryPrice: candle.open,
            initialStopDistance: random.uniform() < 0.2 ? .nan : 2)
      }
      trades.append(trade)
    }
  }

  private static func wandering(_ symbol: String?, _ count: Int, _ random: inout SeededGenerator) -> Series {
    var result = Series(symbol: symbol, length: nil)
    var price = 50 + 100 * random.uniform()
    var minute: Int64 = 0
    while result.candles.count < count {
      minute += symbol != nil && random.uniform() < 0.2 ? 2 : 1
      if minute % 70 == 0 { minute += 10 }
      let isFlat = minute / 25 % 4 == 3
      let open = price
      if !isFlat { price = max(1, (price * (1 + 0.03 * (random.uniform() - 0.5)) * 100).rounded() / 100) }
      let spread = isFlat ? 0 : (random.uniform() * 30).rounded() / 100
      let start = Timestamp(unchecked: minute * 60_000_000)
      result.append(
        Candle(
          bucket: start, open: open, high: max(open, price) + spread, low: max(0.01, min(open, price) - spread),
          close: price, volume: random.uniform() < 0.1 ? 0 : (random.uniform() * 1000).rounded()),
        Timestamp(unchecked: start.microseconds + 60_000_000), clock(minute + 1))
    }
    return result
  }

  /// Sessions last from minute 10 to minute 60 of each seventy.
  static func clock(_ minute: Int64) -> ClockView? {
    let start = (minute - 1) / 70 * 70
    let isOpen = minute - start > 10 && minute - start <= 60
    return ClockView(
      minuteOfDay: Double(minute % 1440), weekday: Int(minute / 1440 % 7) + 1,
      session: isOpen
        ? (Timestamp(unchecked: (start + 10) * 60_000_000), Timestamp(unchecked: (start + 60) * 60_000_000)) : nil)
  }
}

extension RandomRules {
  /// Rules that look at what a ``RuleWorld`` has.
  static func ofWorld(seed: UInt64, size: Int = 25) -> RandomRules {
    var rules = RandomRules(seed: seed)
    rules.longest = 7
    rules.symbols = [.parameter("other")] + RuleWorld.symbols.map { .name($0) }
    rules.lengths = [RuleWorld.five, RuleWorld.hour]
    rules.models = RuleWorld.models
    rules.nestsSeries = false
    rules.size = size
    return rules
  }
}

extension SeededGenerator {
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
