/// S. Vigna's SplitMix64: the same drawings from the same seed on every machine. What is made of them uses only operations
/// that IEEE 754 rounds exactly, so that no mathematical library can change a tick.
struct RandomStream: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A stream of its own for a name, whatever other names there are.
  init(seed: UInt64, name: String) {
    // Fowler, Noll and Vo's FNV-1a.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    var mixer = RandomStream(seed: seed ^ hash)
    state = mixer.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 up to 1, never 1.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Mean 0, variance 1, nearly normal: a sum of twelve (Irwin and Hall). Heavier tails come from clusters and jumps.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }
}
