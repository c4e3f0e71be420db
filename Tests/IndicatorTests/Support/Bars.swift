import TestSupport
import TradingCore

/// A series of bars as columns.
struct Bars {
  var open, high, low, close, volume: [Double]

  var count: Int { close.count }

  /// Prices that wander, with everything that upsets sliding sums: flat stretches, gaps, a spell at a million times
  /// the price, one at a millionth, bars without volume, coarse ticks.
  static func random(seed: UInt64, count: Int) -> Bars {
    var generator = SeededGenerator(seed: seed)
    func uniform() -> Double { generator.uniform() }
    var bars = Bars(open: [], high: [], low: [], close: [], volume: [])
    let tick = seed % 2 == 0 ? 0.05 : 0.0001
    var price = 100.0
    var regime = 0
    var left = 0
    while bars.count < count {
      if left == 0 {
        regime = Int(uniform() * 8)
        left = 20 + Int(uniform() * 60)
        if regime == 1 { price *= 0.7 + 0.6 * uniform() }
      }
      left -= 1
      let scale = regime == 2 ? 1e6 : regime == 3 ? 1e-6 : 1
      let isFlat = regime == 4
      let open = price
      if !isFlat { price = max(1, price * (1 + 0.02 * (uniform() - 0.5))) }
      price = (price / tick).rounded() * tick
      let spread = isFlat ? 0 : (uniform() * 10).rounded() * tick
      bars.open.append(open * scale)
      bars.close.append(price * scale)
      bars.high.append((max(open, price) + spread) * scale)
      bars.low.append((min(open, price) - spread * uniform().rounded()) * scale)
      bars.volume.append(regime == 5 ? 0 : (uniform() * 10_000).rounded())
    }
    return bars
  }
}
