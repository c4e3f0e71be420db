extension BooksTerms {
  init(
    _ root: SpecificationReader, _ agent: BacktestAgent, openedAt: Timestamp
  ) throws(BacktestError) {
    var instruments: [BooksInstrument] = []
    for entry in try root.objects("instruments") { instruments.append(try BooksInstrument(entry)) }
    var calendars: [ExchangeCalendar] = []
    for entry in try root.objects("calendars") { calendars.append(try ExchangeCalendar(entry)) }
    var candles: [CandleSpans] = []
    for entry in try root.objects("candles") { candles.append(try CandleSpans(entry)) }
    var limits: [RiskLimit] = []
    for entry in try root.objects("limits") { limits.append(try RiskLimit(entry)) }
    var protections: [LossProtection] = []
    for entry in try root.objects("protections") { protections.append(try LossProtection(entry)) }
    self.init(
      portfolios: [try BooksPortfolio(root.object("portfolio"), fees: root.objects("fees"), openedAt: openedAt)],
      instruments: instruments,
      agents: [
        BooksAgent(id: BacktestAgent.id, strategy: agent.strategy, requiresApproval: agent.requiresApproval)
      ],
      calendars: calendars, candles: candles, limits: limits, protections: protections)
  }
}

extension BooksPortfolio {
  fileprivate init(
    _ reader: SpecificationReader, fees: [SpecificationReader], openedAt: Timestamp
  ) throws(BacktestError) {
    let exerciseFees = ExerciseFees(
      onIntrinsicValue: try FeePlan(fees, "intrinsic"), onSettlementValue: try FeePlan(fees, "settlement"))
    self.init(
      id: try reader.small("id"), owner: try reader.text("owner"), currency: try reader.text("currency"),
      accountType: try reader.word("account_type"),
      capital: try reader.decimal("capital"), openedAt: openedAt, feeSchedule: try reader.text("fee_schedule"),
      fees: try FeePlan(fees, "traded"), exerciseFees: exerciseFees,
      slippageBasisPoints: try reader.decimal("slippage_bps"),
      participation: try reader.optionalDecimal("participation"), friction: try PaperFriction(reader),
      marketOrderBuffer: try reader.decimal("market_order_buffer"),
      snapshotInterval: try reader.whole("snapshot_interval"), clock: try reader.optionalSmall("clock"),
      requiresApproval: try reader.flag("requires_approval"))
  }
}

extension PaperFriction {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    let (ticks, impact, latency): (Int32, Ratio, Int64) = (
      try reader.small("slippage_ticks"), try reader.decimal("impact_bps"), try reader.whole("latency")
    )
    do throws(ParameterError) {
      try self.init(slippageTicks: ticks, impactBasisPoints: impact, latency: latency)
    } catch {
      throw .malformed("portfolio has \(error.description).")
    }
  }
}

extension BooksInstrument {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    var contract: BooksContract?
    if reader.has("contract") {
      let terms = try reader.object("contract")
      let right = terms.has("right") ? try terms.text("right") : nil
      contract = BooksContract(
        expiresOn: try terms.optionalSmall("expires_on").map { Int64($0) },
        underlying: try terms.optionalSmall("underlying"), strike: try terms.optionalDecimal("strike"),
        right: right.map { isSame($0, "call") ? .call : .put })
    }
    var rates: [BorrowRate] = []
    for rate in try reader.objects("borrow_rates") {
      rates.append(BorrowRate(validFrom: try rate.whole("day"), percent: try rate.decimal("percent")))
    }
    self.init(
      SessionInstrument(
        id: try reader.small("id"), symbol: try reader.text("symbol"), tickSize: try reader.decimal("tick_size"),
        lot: try reader.decimal("lot_size"), multiplier: try reader.decimal("multiplier"),
        initialMargin: try reader.decimal("initial_margin"), kind: try reader.word("kind"),
        exchange: try reader.small("exchange"), isTraded: try reader.flag("is_traded"), last: nil),
      currency: try reader.text("currency"), isActive: try reader.flag("is_active"),
      isShortable: try reader.flag("is_shortable"), sector: reader.has("sector") ? try reader.text("sector") : nil,
      contract: contract, borrowRates: rates)
  }
}

extension ExchangeCalendar {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    var sessions: [(opensAt: Timestamp, closesAt: Timestamp)] = []
    let times = try reader.wholes("sessions", by: 2)
    sessions.reserveCapacity(times.count / 2)
    for place in stride(from: 0, to: times.count, by: 2) {
      sessions.append((.clamping(times[place]), .clamping(times[place + 1])))
    }
    var offsets: [(from: Timestamp, ahead: Int64)] = []
    let changes = try reader.wholes("offsets", by: 2)
    for place in stride(from: 0, to: changes.count, by: 2) {
      offsets.append((.clamping(changes[place]), changes[place + 1]))
    }
    self.init(
      exchange: try reader.small("exchange"), dayStarts: try reader.whole("day_starts"), sessions: sessions,
      offsets: offsets)
  }
}

extension CandleSpans {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    let times = try reader.wholes("spans", by: 4)
    var spans: [CandleSpan] = []
    spans.reserveCapacity(times.count / 4)
    for place in stride(from: 0, to: times.count, by: 4) {
      spans.append(
        CandleSpan(
          begin: .clamping(times[place]), opensAt: .clamping(times[place + 1]), closesAt: .clamping(times[place + 2]),
          next: .clamping(times[place + 3])))
    }
    self.init(
      calendar: CandleCalendar(
        exchange: try reader.small("exchange"), months: try reader.small("months"), days: try reader.small("days")),
      spans: spans)
  }
}

extension BooksAction {
  init(_ reader: SpecificationReader) throws(BacktestError) {
    let kind: Kind
    if reader.has("amount") {
      kind = .dividend(try reader.decimal("amount"))
    } else {
      let numerator: Ratio = try reader.decimal("numerator")
      let denominator: Ratio = try reader.decimal("denominator")
      guard let split = try? StockSplit(numerator: numerator, denominator: denominator) else {
        throw .malformed("actions has a split of \(numerator) for \(denominator).")
      }
      kind = isSame(try reader.text("kind"), "bonus") ? .bonus(split) : .split(split)
    }
    self.init(
      id: try reader.small("id"), instrument: try reader.small("instrument"), kind: kind,
      exDay: try reader.whole("ex_day"), effectiveAt: try reader.time("effective_at"))
  }

  /// Nil: a dividend.
  var split: SessionSplit? {
    switch kind {
    case .split(let split), .bonus(let split):
      SessionSplit(actionID: id, instrument: instrument, split: split, effectiveAt: effectiveAt)
    case .dividend: nil
    }
  }
}

// MARK: Rules

extension RiskScope {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    let scope = try reader.text("scope")
    if isSame(scope, "system") {
      self = .system
    } else if isSame(scope, "user") {
      self = .user(try reader.text("scope_name"))
    } else if isSame(scope, "sector") {
      self = .sector(try reader.text("scope_name"))
    } else if isSame(scope, "portfolio") {
      self = .portfolio(try reader.small("scope_id"))
    } else if isSame(scope, "strategy") {
      self = .strategy(try reader.small("scope_id"))
    } else if isSame(scope, "agent") {
      self = .agent(try reader.small("scope_id"))
    } else if isSame(scope, "instrument") {
      self = .instrument(try reader.small("scope_id"))
    } else {
      throw .malformed("\(scope) is no scope of a limit.")
    }
  }
}

extension RiskLimit {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    self.init(
      id: try reader.small("id"), scope: try RiskScope(reader), instrument: try reader.optionalSmall("instrument"),
      metric: try reader.word("metric"), period: reader.has("period") ? try reader.whole("period") : nil,
      bound: try reader.decimal("bound"), action: try reader.word("action"))
  }
}

extension LossProtection {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    let name = try reader.text("kind")
    let kind: Kind
    if isSame(name, "cooldown") {
      kind = .cooldown
    } else if isSame(name, "stop_loss_guard") {
      kind = .stopLossGuard(trades: Int(try reader.small("trades")))
    } else if isSame(name, "low_profit") {
      kind = .lowProfit(trades: Int(try reader.small("trades")), least: try reader.decimal("least_profit"))
    } else {
      throw .malformed("\(name) is no kind of protection.")
    }
    self.init(
      id: try reader.small("id"), kind: kind, per: try reader.word("per"), scope: try RiskScope(reader),
      pause: try reader.whole("pause"), period: reader.has("period") ? try reader.whole("period") : 0,
      periodWords: reader.has("period_words") ? try reader.text("period_words") : "")
  }
}

// MARK: Fees

extension FeePlan {
  /// From lines on one basis, each with the group that pays it and the time from which on it does.
  fileprivate init(_ readers: [SpecificationReader], _ basis: String) throws(BacktestError) {
    var terms: [(group: Group, begin: Timestamp, lines: [FeeLine])] = []
    for reader in readers where isSame(try reader.text("basis"), basis) {
      let group = Group(kind: try reader.word("kind"), exchange: try reader.small("exchange"))
      let begin = try reader.time("begins")
      // A time may have no lines: then nothing is due from it on.
      let lines = reader.has("component") ? [try FeeLine(reader)] : []
      if let known = terms.firstIndex(where: { $0.group == group && $0.begin == begin }) {
        terms[known].lines += lines
      } else {
        terms.append((group, begin, lines))
      }
    }
    var histories: [Group: FeeHistory] = [:]
    for group in terms.map({ $0.group }) where histories[group] == nil {
      histories[group] = FeeHistory(
        terms.filter { $0.group == group }.map { (begin: $0.begin, schedule: FeeSchedule(lines: $0.lines)) })
    }
    self.init(histories)
  }
}

extension FeeLine {
  fileprivate init(_ reader: SpecificationReader) throws(BacktestError) {
    var percentOf: [FeeComponent]?
    if reader.has("percent_of") {
      var components: [FeeComponent] = []
      for place in try reader.smalls("percent_of") { components.append(try Self.component(place)) }
      percentOf = components
    }
    let component = try Self.component(reader.small("component"))
    let (perShare, perOrder): (Price, Money) = (try reader.decimal("per_share"), try reader.decimal("per_order"))
    let (percent, makerPercent): (Ratio, Ratio?) = (
      try reader.decimal("percent"), try reader.optionalDecimal("maker_percent")
    )
    let (minimum, maximum): (Money, Money?) = (try reader.decimal("minimum"), try reader.optionalDecimal("maximum"))
    let maximumPercent: Ratio? = try reader.optionalDecimal("maximum_percent")
    let side: Side? = reader.has("side") ? try reader.word("side") : nil
    let product: Product? = reader.has("product") ? try reader.word("product") : nil
    let decimals = Int(try reader.small("decimals"))
    do throws(ParameterError) {
      try self.init(
        component, side: side, product: product, perShare: perShare, perOrder: perOrder, percent: percent,
        makerPercent: makerPercent, minimum: minimum, maximum: maximum, maximumPercent: maximumPercent,
        decimals: decimals, percentOf: percentOf)
    } catch {
      throw .malformed("fees has \(error.description).")
    }
  }

  /// By its place in trading.fee_component, from one.
  private static func component(_ place: Int32) throws(BacktestError) -> FeeComponent {
    for component in FeeComponent.allCases where component.index == Int(place) - 1 { return component }
    throw .malformed("fees has a component that this version does not know.")
  }
}
