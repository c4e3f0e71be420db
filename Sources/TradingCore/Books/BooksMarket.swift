/// What all portfolios have in common: instruments with their latest prices, calendars, agents, rules.
struct BooksMarket: Sendable {
  struct Quote: Sendable {
    var price: Double
    var at: Timestamp
  }

  let instruments: [BooksInstrument]
  /// The latest price of each; nil: none is known.
  private(set) var quotes: [Quote?]
  private let places: [Int32: Int]
  let calendars: [ExchangeCalendar]
  /// Place of each instrument's calendar.
  let calendarPlaces: [Int]
  let candles: [CandleSpans]
  private let actions: [Int32: BooksAction]
  private let strategies: [Int32: Int32]
  /// In the order in which they are looked at.
  let limits: [RiskLimit]
  /// One of them is of the loss since a day or week began.
  let hasLossLimits: Bool
  /// By their numbers.
  let protections: [LossProtection]

  init(_ terms: BooksTerms) throws(BooksRefusal) {
    instruments = terms.instruments
    quotes = terms.instruments.map { $0.terms.last.map { Quote(price: $0.price, at: $0.time) } }
    places = Dictionary(uniqueKeysWithValues: terms.instruments.indices.map { (terms.instruments[$0].terms.id, $0) })
    calendars = terms.calendars
    candles = terms.candles
    actions = Dictionary(uniqueKeysWithValues: terms.actions.map { ($0.id, $0) })
    strategies = Dictionary(uniqueKeysWithValues: terms.agents.map { ($0.id, $0.strategy) })
    limits = terms.limits.sorted { ($0.metric, $0.bound, $0.id) < ($1.metric, $1.bound, $1.id) }
    hasLossLimits = limits.contains { $0.metric >= .dailyLoss && $0.metric < .drawdown }
    protections = terms.protections.sorted { $0.id < $1.id }
    var calendarPlaces: [Int] = []
    for instrument in terms.instruments {
      guard let place = terms.calendars.firstIndex(where: { $0.exchange == instrument.terms.feeGroup.exchange }) else {
        throw BooksRefusal("calendar", "the calendar of the exchange of \(instrument.terms.symbol) was not given")
      }
      calendarPlaces.append(place)
    }
    self.calendarPlaces = calendarPlaces
  }

  func place(of instrument: Int32) -> Int? { places[instrument] }
  func action(_ id: Int32) -> BooksAction? { actions[id] }
  func strategy(of agent: Int32) -> Int32? { strategies[agent] }
  func calendar(of place: Int) -> ExchangeCalendar { calendars[calendarPlaces[place]] }
  func calendar(ofExchange exchange: Int32) -> ExchangeCalendar? { calendars.first { $0.exchange == exchange } }

  // MARK: Prices

  /// A price that is older than the one that is known changes nothing.
  mutating func observe(_ instrument: Int32, _ price: Double, at time: Timestamp) {
    guard let place = places[instrument] else { return }
    if let known = quotes[place], known.at > time { return }
    quotes[place] = Quote(price: price, at: time)
  }

  /// A price of before a split, in the terms of after it.
  mutating func restate(_ place: Int, by split: StockSplit, at time: Timestamp) {
    guard let quote = quotes[place], quote.at < time else { return }
    quotes[place] = Quote(price: quote.price * split.priceRatio, at: time)
  }

  /// The latest price, or the latest until a time.
  func last(_ place: Int, until time: Timestamp = .latest) throws(ArithmeticError) -> LastPrice? {
    guard let quote = quotes[place], quote.at <= time else { return nil }
    return try LastPrice(quote.price)
  }
}

/// A price that was seen, as the database computes with it.
struct LastPrice: Sendable {
  /// To eight decimals.
  let rounded: Price
  /// It has more than eight.
  private let exact: Figure?

  init(_ value: Double) throws(ArithmeticError) {
    let price = try Price(value)
    // Up to 15 digits a decimal is what its Double prints as.
    if price.raw < 1_000_000_000_000_000, price.double == value {
      (rounded, exact) = (price, nil)
    } else {
      let figure = try Figure(price: value)
      rounded = try Price(wideRaw: figure.rounded())
      exact = figure.scale > 8 ? figure : nil
    }
  }

  init(_ price: Price) { (rounded, exact) = (price, nil) }

  var figure: Figure { exact ?? Figure(rounded) }

  func value(of quantity: Quantity, multiplier: Ratio) throws(ArithmeticError) -> Money {
    guard let exact else { return try rounded.value(of: quantity, multiplier: multiplier) }
    return try Money(raw: (exact * Figure(quantity) * Figure(multiplier)).rounded())
  }

  /// With a buffer on it.
  func raised(by buffer: Ratio) throws(ArithmeticError) -> Price {
    let factor = try Ratio.one + buffer
    guard let exact else { return try rounded.scaled(by: factor.raw, over: fixedPointScale) }
    return try Price(wideRaw: (exact * Figure(factor)).rounded())
  }
}
