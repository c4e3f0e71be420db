/// D. E. Knuth's 64-bit linear congruential generator of MMIX, so that drawings are the same everywhere.
struct Draws: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func step() -> UInt64 {
    state = 6_364_136_223_846_793_005 &* state &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  /// 0 to `limit` - 1.
  mutating func draw(_ limit: UInt64) -> Int { Int(step() % limit) }

  mutating func next() -> UInt64 { step() << 33 ^ step() << 11 ^ step() }
}

/// A made-up tape: three random walks from 14:30 UTC on 2 January 2024, a third of the ticks at the time of the one before.
/// `fixtures/market/synthetic_ticks.csv` is the one of 400 ticks with seed 1.
func syntheticTape(count: Int, seed: UInt64) -> String {
  var draws = Draws(seed: seed)
  let symbols = ["AAA", "BBB", "CCC"]
  var cents = [10_000, 2_500, 50]
  var milliseconds = (14 * 60 + 30) * 60_000
  var text = "ts,symbol,price,size,venue,sale_condition,suspicious\n"
  func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: width - digits.count) + digits
  }
  for _ in 0..<count {
    if draws.draw(3) != 0 { milliseconds += draws.draw(900) }
    let index = draws.draw(3)
    cents[index] = max(1, cents[index] + draws.draw(7) - 3)
    let time =
      padded(milliseconds / 3_600_000, 2) + ":" + padded(milliseconds / 60_000 % 60, 2) + ":"
      + padded(milliseconds / 1_000 % 60, 2) + "." + padded(milliseconds % 1_000, 3)
    let size = (1 + draws.draw(20)) * 100
    let venue = ["X", "Y", ""][draws.draw(3)]
    let condition = ["", "@", "@ I"][draws.draw(3)]
    let suspicious = draws.draw(50) == 0 ? 1 : 0
    text +=
      "2024-01-02T\(time)Z,\(symbols[index]),\(cents[index] / 100).\(padded(cents[index] % 100, 2)),\(size),\(venue),\(condition),\(suspicious)\n"
  }
  return text
}
