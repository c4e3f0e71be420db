/// The last candles that an agent's rules have seen, at the prices of now: what they remember can be made anew from them when
/// a split restates the prices, without asking anybody.
public struct CandleHistory: Sendable {
  private struct Entry {
    var candle: Candle
    let closedAt: Timestamp
    let clock: ClockView?
  }

  /// The entries of a series, as a ring.
  private struct Series {
    let most: Int
    var entries: [Entry] = []
    var first = 0

    mutating func append(_ entry: Entry) {
      if entries.count < most {
        entries.append(entry)
      } else {
        entries[first] = entry
        first = (first + 1) % most
      }
    }

    subscript(index: Int) -> Entry { entries[(first + index) % entries.count] }
  }

  private let program: StrategyProgram
  private var series: [Series]

  /// As many candles of each series as a warm-up shows.
  public init(_ program: StrategyProgram) {
    self.program = program
    series = program.series.indices.map { Series(most: program.warmUpCount(ofSeries: $0)) }
  }

  mutating func append(series index: Int, _ candle: Candle, closedAt: Timestamp, clock: ClockView?) {
    series[index].append(Entry(candle: candle, closedAt: closedAt, clock: clock))
  }

  mutating func rescale(series index: Int, by priceRatio: Double) {
    for place in series[index].entries.indices { series[index].entries[place].candle.rescale(by: priceRatio) }
  }

  /// What rules remember that have seen these candles, in the order of their closes, the agent's own behind all others that
  /// close with it.
  func memory() -> StrategyMemory {
    var memory = StrategyMemory(program)
    var next = Array(repeating: 0, count: series.count)
    while true {
      var chosen: Int?
      for index in Array(series.indices.dropFirst()) + [0] where next[index] < series[index].entries.count {
        guard let best = chosen else {
          chosen = index
          continue
        }
        if series[index][next[index]].closedAt < series[best][next[best]].closedAt { chosen = index }
      }
      guard let chosen else { return memory }
      let entry = series[chosen][next[chosen]]
      next[chosen] += 1
      if chosen == 0 {
        memory.warmUp(entry.candle, closedAt: entry.closedAt, clock: entry.clock)
      } else {
        memory.update(series: chosen, entry.candle, closedAt: entry.closedAt, clock: entry.clock)
      }
    }
  }
}

extension StrategyProgram {
  /// How many candles of a series a warm-up shows: an average that is seeded late has lost its seed after some multiples of
  /// its period.
  public func warmUpCount(ofSeries index: Int) -> Int { max(1, warmUp(ofSeries: index)) * 10 }
}
