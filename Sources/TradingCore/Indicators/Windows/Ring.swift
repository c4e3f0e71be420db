/// The last `capacity` values, in a kernel's memory.
struct Ring: BitwiseCopyable, Sendable {
  let capacity: Int
  private let offset: Int
  /// The slot of the oldest value, which the next one replaces.
  private(set) var next = 0

  init(_ capacity: Int, _ plan: inout MemoryPlan) {
    self.capacity = capacity
    offset = plan.reserve(capacity)
  }

  /// The slots in memory order, not by age.
  @inline(__always) func slots(_ memory: Memory) -> Memory { memory + offset }

  /// The value that the next `push` will replace; 0 while the ring is not full.
  @inline(__always) func oldest(_ memory: Memory) -> Double { memory[offset + next] }

  /// Puts `x` in the place of the oldest value, which it returns (0 while the ring is not full).
  @inline(__always) mutating func push(_ x: Double, _ memory: Memory) -> Double {
    let slot = memory + offset + next
    let old = slot.pointee
    slot.pointee = x
    next = next + 1 == capacity ? 0 : next + 1
    return old
  }
}
