/// What was held of an instrument from flat to flat. Quantities are in the units of its end.
struct BacktestTrade: Sendable {
  let number: Int
  let instrument: Int32
  /// Where the instrument is in the books.
  let place: Int
  let side: Side
  let openedAt: Timestamp
  /// Nil: it is open at the end of the run, which marks it.
  var closedAt: Timestamp?
  /// The most units that were held.
  private(set) var quantity = Quantity.zero
  private var entryQuantity = Quantity.zero
  private var entryValue = Money.zero
  private var exitQuantity = Quantity.zero
  private var exitValue = Money.zero
  /// Before fees.
  private(set) var profit = Money.zero
  private(set) var fees = Money.zero
  /// Candles of the agent's that closed while it was held.
  var bars = 0
  private var lowest = Double.infinity
  private var highest = -Double.infinity
  /// Nil: something else than the agent's exits ended it, or it is open.
  var exitReason: ExitReason?
  /// What is held of it now.
  private(set) var held = Quantity.zero
  var lastCandle: Timestamp?
  /// How many splits of the instrument it knows of.
  var splits = 0

  init(number: Int, instrument: Int32, place: Int, side: Side, openedAt: Timestamp) {
    self.number = number
    self.instrument = instrument
    self.place = place
    self.side = side
    self.openedAt = openedAt
  }

  // MARK: What happens

  mutating func enter(
    _ quantity: Quantity, _ value: Money, at price: Price, fee: Money
  ) throws(ArithmeticError) {
    try entryQuantity += quantity
    try entryValue += value
    try held += quantity
    try fees += fee
    self.quantity = max(self.quantity, held)
    see(low: price.double, high: price.double)
  }

  mutating func leave(_ quantity: Quantity, _ value: Money, at price: Price, fee: Money) throws(ArithmeticError) {
    try exitQuantity += quantity
    try exitValue += value
    try held -= quantity
    try fees += fee
    see(low: price.double, high: price.double)
  }

  /// What was closed, against what it had cost. What no fill closed ends here, too.
  mutating func take(_ closure: ClosureRecord) throws(ArithmeticError) {
    try profit += closure.value - closure.cost + closure.settled
    if closure.fill > 0 { return }
    let closed = closure.quantity.magnitude
    try exitQuantity += closed
    try exitValue += closure.value.isNegative ? -closure.value : closure.value
    held = held > closed ? try held - closed : .zero
  }

  /// The run is over, and it is not.
  mutating func mark(
    at last: LastPrice, _ position: BooksPosition, _ terms: SessionInstrument
  ) throws(ArithmeticError) {
    for lot in position.lots.all {
      try profit += last.value(of: lot.quantity, multiplier: terms.multiplier) - lot.cost + lot.settled
    }
    let size = position.quantity.magnitude
    try exitQuantity += size
    try exitValue += last.value(of: size, multiplier: terms.multiplier)
  }

  mutating func see(low: Double, high: Double) {
    lowest = min(lowest, low)
    highest = max(highest, high)
  }

  mutating func restate(_ split: StockSplit) throws(ArithmeticError) {
    quantity = try split.quantity(quantity)
    entryQuantity = try split.quantity(entryQuantity)
    exitQuantity = try split.quantity(exitQuantity)
    held = try split.quantity(held)
    lowest *= split.priceRatio
    highest *= split.priceRatio
  }

  // MARK: Figures

  func entryPrice(_ multiplier: Ratio) throws(ArithmeticError) -> Price {
    try entryValue.price(per: entryQuantity, multiplier: multiplier)
  }

  /// Nil: nothing was left, and the instrument has no price.
  func exitPrice(_ multiplier: Ratio) throws(ArithmeticError) -> Price? {
    exitQuantity.isZero ? nil : try exitValue.price(per: exitQuantity, multiplier: multiplier)
  }

  /// What was paid for all that was entered.
  var entry: Money { entryValue }

  /// What all of it would have made at the worst and at the best price while it was held, zero or below and zero or above.
  func excursions(_ multiplier: Ratio) throws(ArithmeticError) -> (adverse: Money, favourable: Money) {
    let entry = try entryValue.share(of: quantity, in: entryQuantity)
    let low = try Price(lowest).value(of: quantity, multiplier: multiplier) - entry
    let high = try Price(highest).value(of: quantity, multiplier: multiplier) - entry
    let (worst, best) = side == .buy ? (low, high) : (-high, -low)
    return (min(worst, .zero), max(best, .zero))
  }
}
