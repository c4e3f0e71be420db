/// Which of two values a window is asked for.
protocol ExtremeOrder {
  static func extreme(_ a: Double, _ b: Double) -> Double
  /// What every finite value beats.
  static var neutral: Double { get }
}

enum Highest: ExtremeOrder {
  @inline(__always) static func extreme(_ a: Double, _ b: Double) -> Double { a > b ? a : b }
  static var neutral: Double { -.infinity }
}

enum Lowest: ExtremeOrder {
  @inline(__always) static func extreme(_ a: Double, _ b: Double) -> Double { a < b ? a : b }
  static var neutral: Double { .infinity }
}

/// The highest or lowest of the last `period` values, in constant time on average and almost without branches.
///
/// van Herk (1992), Gil and Werman (1993): time is cut into blocks of `period` values. A window is the tail of the
/// previous block and the head of this one; heads are kept as a running extreme, tails are made in one backward pass
/// when a block is full, in the slots that the next block then overwrites.
struct WindowExtreme<Order: ExtremeOrder>: BitwiseCopyable, Sendable {
  let period: Int
  private let offset: Int
  /// The place in the current block.
  private var position = 0
  private var head = 0.0
  private var isFirstBlock = true

  init(_ period: Int, _ plan: inout MemoryPlan) {
    self.period = period
    offset = plan.reserve(period + 1)
  }

  /// The extreme including `x`, of all values so far while fewer than `period` came.
  @inline(__always) mutating func add(_ x: Double, _ memory: Memory) -> Double {
    let slots = memory + offset
    if position == 0 {
      makeTails(slots)
      head = x
    } else {
      head = Order.extreme(head, x)
    }
    slots[position] = x
    position += 1
    // The tail that starts after this place; the slot past the last one stays neutral.
    let result = Order.extreme(head, slots[position])
    if position == period { position = 0 }
    return result
  }

  @inline(never) private mutating func makeTails(_ slots: Memory) {
    if isFirstBlock {
      for slot in 0...period { slots[slot] = Order.neutral }
      isFirstBlock = false
      return
    }
    var tail = slots[period - 1]
    var slot = period - 2
    while slot > 0 {
      tail = Order.extreme(tail, slots[slot])
      slots[slot] = tail
      slot -= 1
    }
  }
}

/// How many values ago the highest or lowest of the last `period` values came; of equal ones the newest counts.
///
/// As ``WindowExtreme``, with the place of each extreme beside it.
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
    if position == 0 { makeTails(slots, memory + places) }
    if position == 0 || Order.extreme(x, head) == x {
      head = x
      headPlace = Double(position)
    }
    slots[position] = x
    let next = position + 1
    let tail = slots[next]
    // The tail is older: it must be better, not only as good.
    let isOlder = tail != head && Order.extreme(tail, head) == tail
    let age = Double(position) - (isOlder ? memory[places + next] - Double(period) : headPlace)
    position = next == period ? 0 : next
    return age
  }

  @inline(never) private mutating func makeTails(_ slots: Memory, _ places: Memory) {
    if isFirstBlock {
      for slot in 0...period { slots[slot] = Order.neutral }
      isFirstBlock = false
      return
    }
    var tail = slots[period - 1]
    var place = period - 1
    places[place] = Double(place)
    var slot = period - 2
    while slot > 0 {
      if slots[slot] != tail, Order.extreme(slots[slot], tail) == slots[slot] {
        tail = slots[slot]
        place = slot
      }
      slots[slot] = tail
      places[slot] = Double(place)
      slot -= 1
    }
  }
}
