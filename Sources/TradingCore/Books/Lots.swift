/// The open lots of a position, first in first out.
struct Lots: Sendable {
  struct Lot: Sendable {
    /// The fill that opened it.
    let fill: Int64
    let openedAt: Timestamp
    /// Negative: short.
    var quantity: Quantity
    /// With the sign of the quantity; of a future the value at its last settlement.
    var cost: Money
    /// What daily settlements have paid since it was opened.
    var settled = Money.zero
  }

  private var lots: [Lot] = []
  /// Those before it are closed.
  private var first = 0

  var all: ArraySlice<Lot> { lots[first...] }

  mutating func open(_ lot: Lot) {
    if first > 64, first * 2 > lots.count {
      lots.removeFirst(first)
      first = 0
    }
    lots.append(lot)
  }

  mutating func replaceAll(by lots: [Lot]) {
    self.lots = lots
    first = 0
  }

  /// Closes this quantity, worth this value, of the oldest lots.
  ///
  /// - Returns: their profit before fees, and what settlements had paid for them.
  mutating func close(
    _ quantity: Quantity, _ value: Money, fill: Int64, of instrument: Int32, at: Timestamp,
    into closures: inout [ClosureRecord]
  ) throws(ArithmeticError) -> (profit: Money, settled: Money) {
    var (rest, restValue) = (quantity, value)
    var (profit, settled) = (Money.zero, Money.zero)
    while rest.isPositive, first < lots.count {
      let lot = lots[first]
      let size = lot.quantity.magnitude
      let closed = min(size, rest)
      let isShort = lot.quantity.isNegative
      var (cost, paid) = (lot.cost, lot.settled)
      if closed < size {
        cost = try cost.share(of: closed, in: size)
        paid = try paid.share(of: closed, in: size)
        lots[first].quantity = try lot.quantity - (isShort ? -closed : closed)
        lots[first].cost = try lot.cost - cost
        lots[first].settled = try lot.settled - paid
      } else {
        first += 1
      }
      let part = closed == rest ? restValue : try restValue.share(of: closed, in: rest)
      closures.append(
        ClosureRecord(
          fill: fill, lot: lot.fill, instrument: instrument, quantity: isShort ? -closed : closed, cost: cost,
          value: isShort ? -part : part, openedAt: lot.openedAt, closedAt: at, settled: paid))
      try profit += (isShort ? -part : part) - cost
      try settled += paid
      try rest -= closed
      try restValue -= part
    }
    return (profit, settled)
  }
}
