/// What a backtest is told before its first event: all that the tables say of it, as `research.backtest_specification` wrote it.
struct BacktestSpecification: Sendable {
  /// What orders meet.
  enum Fill: SQLSpelling {
    /// The next bar, market orders its open.
    case nextOpen
    case tick
    /// Market orders that a closing candle causes, its close.
    case close
    /// The bar in which another fill has brought them to life, too.
    case intrabar

    var sql: String {
      switch self {
      case .nextOpen: "next_open"
      case .tick: "tick"
      case .close: "close"
      case .intrabar: "intrabar"
      }
    }
  }

  /// The agents act from here on; what comes before is the past.
  let from: Timestamp
  /// The events end before.
  let until: Timestamp
  let eventInstruments: [Int32]
  /// The events begin here.
  private(set) var begins: Timestamp
  /// Of bars, in microseconds; nil: the events are ticks.
  let resolution: Int64?
  let fill: Fill
  var feed: Backtest.Feed { resolution == nil ? .ticks : .bars }
  private(set) var agent: BacktestAgent
  private(set) var terms: BooksTerms
  /// What the symbols in rules name.
  let symbols: [(symbol: String, instrument: Int32)]
  let grids: [CandleGrid]
  let predictions: [SessionPrediction]
  /// Splits of before the events begin, which restate the candles of the past.
  private(set) var pastSplits: [SessionSplit] = []
  /// Those of before the events begin, too.
  private let actions: [BooksAction]

  init(_ json: String) throws(BacktestError) {
    let document = try Self.document(json)
    let root = SpecificationReader(document.members, "specification")
    from = try root.time("from")
    until = try root.time("until")
    eventInstruments = try root.smalls("event_instruments")
    begins = try root.time("begins")
    resolution = root.has("resolution") ? try root.whole("resolution") : nil
    fill = try root.object("settings").word("fill")
    agent = try BacktestAgent(root.object("agent"))
    var symbols: [(symbol: String, instrument: Int32)] = []
    for symbol in try root.objects("symbols") {
      symbols.append((try symbol.text("symbol"), try symbol.small("instrument")))
    }
    self.symbols = symbols
    var grids: [CandleGrid] = []
    for grid in try root.objects("grids") {
      grids.append(
        CandleGrid(
          exchange: try grid.small("exchange"), hour: try grid.whole("hour"), opening: try grid.whole("opening")))
    }
    self.grids = grids
    var predictions: [SessionPrediction] = []
    for entry in try root.objects("predictions") {
      predictions.append(
        SessionPrediction(
          model: try entry.text("model"), instrument: try entry.small("instrument"), at: try entry.time("at"),
          value: try entry.double("value")))
    }
    self.predictions = predictions
    var actions: [BooksAction] = []
    for entry in try root.objects("actions") { actions.append(try BooksAction(entry)) }
    self.actions = actions
    terms = try BooksTerms(root, agent, openedAt: begins)
    begin()
  }

  /// The same run with other parameters, whose events begin here: not before those of this one.
  func with(parameters: String, begins: Timestamp) -> Self {
    var other = self
    other.agent.parameters = parameters
    other.begins = begins
    other.begin()
    return other
  }

  /// What there is before the events begin is the past.
  private mutating func begin() {
    terms.portfolios[0].openedAt = begins
    terms.actions = []
    pastSplits = []
    for action in actions {
      if action.effectiveAt > begins {
        terms.actions.append(action)
      } else if let split = action.split {
        pastSplits.append(split)
      }
    }
  }

  private static func document(_ json: String) throws(BacktestError) -> JSONDocument {
    do throws(ParameterError) {
      return try JSONDocument(json, depth: 32, longest: 268_435_456)
    } catch {
      throw .malformed(error.description + ".")
    }
  }
}

/// The agent of a backtest: one strategy version on one or more instruments.
struct BacktestAgent: Sendable {
  static let id: Int32 = 1

  /// Begins the names of its orders.
  let name: String
  let strategy: Int32
  let type: StrategyType
  /// The length of its candles as rules have it; nil: every tick is one.
  let length: RuleLength?
  /// The same as ``CandlePlan`` has it.
  let months: Int32
  let days: Int32
  let microseconds: Int64
  /// JSON, with the run's own values of named parameters.
  var parameters: String
  let requiresApproval: Bool
  let capitalPerTrade: Money?
  let maximumPositions: Int?
  let candlesToSkip: Int
  /// In the order of their symbols; of a strategy with legs one.
  let instruments: [Int32]
  /// In the order of their places.
  let legs: [Int32]

  init(_ reader: SpecificationReader) throws(BacktestError) {
    name = try reader.text("name")
    strategy = try reader.small("strategy")
    type = try reader.word("type")
    (months, days) = (try reader.small("months"), try reader.small("days"))
    microseconds = try reader.whole("microseconds")
    parameters = try reader.text("parameters")
    requiresApproval = try reader.flag("requires_approval")
    capitalPerTrade = try reader.optionalDecimal("capital_per_trade")
    maximumPositions = try reader.optionalSmall("maximum_positions").map { Int($0) }
    candlesToSkip = Int(clamping: try reader.whole("skip_bars"))
    instruments = try reader.smalls("instruments")
    legs = try reader.smalls("legs")
    do throws(RuleError) {
      length = try RuleLength.timeframe(
        months: months, days: days, microseconds: months == 0 && days == 0 ? microseconds : 0)
    } catch {
      throw BacktestError(error)
    }
  }
}
