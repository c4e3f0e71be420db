import FoundationEssentials

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same test.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 to below 1.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  package mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

  package mutating func pick<Element>(_ choices: [Element]) -> Element { choices.randomElement(using: &self)! }
}

/// The seeds of a property: 1, 2, … `count`, and with `SEED=2` as many behind them, and so on. `make soak` goes through some.
package func seeds(_ count: UInt64) -> [UInt64] {
  let round = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) } ?? 1
  return (1...count).map { (max(1, round) - 1) &* count &+ $0 }
}

/// How many times a property is tried: `usual`, and `soak` times in `make soak`.
package func rounds(_ usual: Int, soak: Int) -> Int {
  ProcessInfo.processInfo.environment["BOURSE_PROPERTY_SEEDS"] == nil ? usual : soak
}
