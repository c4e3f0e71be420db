/// The last `period` values in order of size, with subtree counts and sums: how many of them lie below a threshold and
/// what they add up to, in O(log period) per value.
///
/// A treap (Seidel and Aragon 1996) whose nodes are the slots of a ring; priorities are a hash of the slot, so the same
/// values give the same tree. Sums are made from the children's at each change, never slid: no rounding errors gather.
struct SortedWindow: BitwiseCopyable, Sendable {
  private let period: Int
  private let offset: Int
  private var next = 0
  private var count = 0
  private var root = Tree.none

  init(_ period: Int, _ plan: inout MemoryPlan) {
    self.period = period
    offset = plan.reserve(period * Tree.stride)
  }

  var isFull: Bool { count == period }

  mutating func add(_ x: Double, _ memory: Memory) {
    let tree = Tree(nodes: memory + offset)
    if isFull {
      root = tree.removing(next, from: root)
    } else {
      count += 1
    }
    tree.reset(next, to: x)
    root = tree.inserting(next, into: root)
    next = next + 1 == period ? 0 : next + 1
  }

  func sum(_ memory: Memory) -> Double { Tree(nodes: memory + offset).sum(root) }

  /// The number and the sum of the values below `threshold`.
  func below(_ threshold: Double, _ memory: Memory) -> (count: Int, sum: Double) {
    Tree(nodes: memory + offset).below(threshold, in: root)
  }
}

/// Nodes in flat memory: value, sum and count of the subtree, left and right child. A subtree is named by its root.
private struct Tree {
  static let stride = 5
  static let none = -1

  let nodes: Memory

  private func field(_ node: Int, _ index: Int) -> Memory { nodes + (node * Self.stride + index) }
  private func value(_ node: Int) -> Double { field(node, 0).pointee }
  private func number(_ node: Int, _ index: Int) -> Int { Int(bitPattern: UInt(field(node, index).pointee.bitPattern)) }
  private func set(_ node: Int, _ index: Int, _ number: Int) {
    field(node, index).pointee = Double(bitPattern: UInt64(UInt(bitPattern: number)))
  }

  func sum(_ node: Int) -> Double { node == Self.none ? 0 : field(node, 1).pointee }
  private func count(_ node: Int) -> Int { node == Self.none ? 0 : number(node, 2) }
  private func left(_ node: Int) -> Int { number(node, 3) }
  private func right(_ node: Int) -> Int { number(node, 4) }

  private func priority(_ node: Int) -> UInt64 {
    let mixed = (UInt64(truncatingIfNeeded: node) &+ 1) &* 0x9E37_79B9_7F4A_7C15
    return (mixed ^ (mixed >> 29)) &* 0xBF58_476D_1CE4_E5B9
  }

  /// By value; equal values by slot. A total order, also of NaN, so that whatever was put in is found again.
  private func isBefore(_ a: Int, _ b: Int) -> Bool { (order(a), a) < (order(b), b) }

  /// The value's bits as a number that is ordered as values are.
  private func order(_ node: Int) -> Int64 {
    let bits = Int64(bitPattern: value(node).bitPattern)
    return bits ^ Int64(bitPattern: UInt64(bitPattern: bits >> 63) >> 1)
  }

  private func link(_ node: Int, _ left: Int, _ right: Int) {
    set(node, 3, left)
    set(node, 4, right)
    set(node, 2, count(left) + count(right) + 1)
    field(node, 1).pointee = sum(left) + sum(right) + value(node)
  }

  func reset(_ node: Int, to value: Double) {
    field(node, 0).pointee = value
    link(node, Self.none, Self.none)
  }

  func inserting(_ node: Int, into tree: Int) -> Int {
    if tree == Self.none { return node }
    if priority(node) > priority(tree) {
      let (before, after) = split(tree, at: node)
      link(node, before, after)
      return node
    }
    if isBefore(node, tree) {
      link(tree, inserting(node, into: left(tree)), right(tree))
    } else {
      link(tree, left(tree), inserting(node, into: right(tree)))
    }
    return tree
  }

  func removing(_ node: Int, from tree: Int) -> Int {
    if tree == node { return joined(left(tree), right(tree)) }
    if isBefore(node, tree) {
      link(tree, removing(node, from: left(tree)), right(tree))
    } else {
      link(tree, left(tree), removing(node, from: right(tree)))
    }
    return tree
  }

  private func split(_ tree: Int, at node: Int) -> (Int, Int) {
    if tree == Self.none { return (Self.none, Self.none) }
    if isBefore(tree, node) {
      let (before, after) = split(right(tree), at: node)
      link(tree, left(tree), before)
      return (tree, after)
    }
    let (before, after) = split(left(tree), at: node)
    link(tree, after, right(tree))
    return (before, tree)
  }

  private func joined(_ a: Int, _ b: Int) -> Int {
    if a == Self.none { return b }
    if b == Self.none { return a }
    if priority(a) > priority(b) {
      link(a, left(a), joined(right(a), b))
      return a
    }
    link(b, joined(a, left(b)), right(b))
    return b
  }

  func below(_ threshold: Double, in tree: Int) -> (count: Int, sum: Double) {
    var (below, total, node) = (0, 0.0, tree)
    while node != Self.none {
      if value(node) < threshold {
        below += count(left(node)) + 1
        total += sum(left(node)) + value(node)
        node = right(node)
      } else {
        node = left(node)
      }
    }
    return (below, total)
  }
}
