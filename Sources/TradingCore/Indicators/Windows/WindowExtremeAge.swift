/// Which of two values a window is asked for.
protocol ExtremeOrder {
  static func extreme(_ a: Double, _ b: Double) -> Double
  /// Whether `a` goes beyond `b`, not only as far.
  static func isBetter(_ a: Double, _ b: Double) -> Bool
  /// What every finite value beats.
  static var neutral: Double { get }
}

enum Highest: ExtremeOrder {
  @inline(__always) static func extreme(_ a: Double, _ b: Double) -> Double { a > b ? a : b }
  @inline(__always) static func isBetter(_ a: Double, _ b: Double) -> Bool { a > b }
  static var neutral: Double { -.infinity }
}

enum Lowest: ExtremeOrder {
  @inline(__always) static func extreme(_ a: Double, _ b: Double) -> Double { a < b ? a : b }
  @inline(__always) static func isBetter(_ a: Double, _ b: Double) -> Bool { a < b }
  static var neutral: Double { .infinity }
}

/// How many values ago the highest or lowest of the last `period` values came; of equal ones the newest counts.
///
/// As ``WindowRange``, with the place of each extreme beside it.
struct WindowExtremeAge<Order: ExtremeOrder>: BitwiseCopyable, Sendable {
  let period: Int
  private let values: Int
  private let places: Int
  private var position = 0
  private var head = 0.0
  private var headPlace = 0.0
  private var isFirstBlock = true

  init(_ period: Int, _ plan: inout MemoryPlan) {
    self.period = period
    values = plan.reserve(period + 1)
    places = plan.reserve(period + 1)
  }

  /// The age of the extreme including `x`: 0 for `x` itself, at most `period` − 1.
  @inline(__always) mutating func add(_ x: Double, _ memory: Memory) -> Double {
    let slots = memory + values
    if position == 0 {
      Self.makeTails(slots, memory + places, period, isFirstBlock)
      isFirstBlock = false
      head = Order.neutral
    }
    // Selections, not branches: neither can be predicted.
    let place = Double(position)
    headPlace = Order.isBetter(head, x) ? headPlace : place
    head = Order.extreme(head, x)
    slots[position] = x
    let next = position + 1
    // The tail is older: it must be better, not only as good. A place in it is `period` before one in this block.
    let tailPlace = memory[places + next] - Double(period)
    let best = Order.isBetter(slots[next], head) ? tailPlace : headPlace
    position = next == period ? 0 : next
    return place - best
  }

  @inline(never)
  private static func makeTails(_ slots: Memory, _ places: Memory, _ period: Int, _ isFirstBlock: Bool) {
    if isFirstBlock {
      for slot in 0...period { slots[slot] = Order.neutral }
      return
    }
    var tail = slots[period - 1]
    var place = period - 1
    places[place] = Double(place)
    var slot = period - 2
    while slot > 0 {
      // The slot is older than the tail so far.
      place = Order.isBetter(slots[slot], tail) ? slot : place
      tail = Order.extreme(slots[slot], tail)
      slots[slot] = tail
      places[slot] = Double(place)
      slot -= 1
    }
  }
}
