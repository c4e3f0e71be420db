import TestSupport

@testable import TradingCore

extension RuleWorld {
  /// Real days of AAPL, with IBM and MSFT as the other instruments; each day stands for a minute.
  static let realDays: RuleWorld = {
    let days = readDays()
    var random = SeededGenerator(seed: 1)
    var world = RuleWorld(series: [])
    for (symbol, ticker) in [(nil, "AAPL"), (symbols[0], "IBM"), (symbols[1], "MSFT")] as [(String?, String)] {
      var series = Series(symbol: symbol, length: nil)
      for (minute, candle) in days[ticker]! {
        let close = Timestamp(unchecked: (minute + 1) * 60_000_000)
        series.append(candle, close, clock(minute + 1))
      }
      world.series.append(series)
      world.addLengths(of: series)
    }
    world.trade(&random)
    for _ in world.series[0].candles {
      world.predictions.append(models.map { _ in random.uniform() < 0.3 ? .nan : random.uniform() })
    }
    return world
  }()

  /// Of each ticker the days, by their place among all dates.
  private static func readDays() -> [String: [(minute: Int64, candle: Candle)]] {
    let dates = Set(RealDay.all.map(\.date)).sorted()
    let minutes = Dictionary(uniqueKeysWithValues: zip(dates, 0 as Int64..<Int64(dates.count)))
    var days: [String: [(minute: Int64, candle: Candle)]] = [:]
    for day in RealDay.all {
      let minute = minutes[day.date]!
      days[day.ticker, default: []].append(
        (
          minute,
          Candle(
            bucket: Timestamp(unchecked: minute * 60_000_000), open: day.open, high: day.high, low: day.low,
            close: day.close, volume: day.volume)
        ))
    }
    return days
  }

  /// The same world without what came before candle `start`.
  func from(_ start: Int) -> RuleWorld {
    var world = self
    let begin = series[0].closes[start]
    for index in series.indices {
      let dropped = index == 0 ? start : series[index].closes.prefix { $0 < begin }.count
      world.series[index].candles = Array(series[index].candles.dropFirst(dropped))
      world.series[index].closes = Array(series[index].closes.dropFirst(dropped))
      world.series[index].clocks = Array(series[index].clocks.dropFirst(dropped))
    }
    world.trades = Array(trades.dropFirst(start))
    world.predictions = Array(predictions.dropFirst(start))
    return world
  }
}
