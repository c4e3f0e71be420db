/// What the parameters of a strategy mean, for people and for SQL: one source for the program and the extension.
public struct StrategyReport: Sendable {
  /// What a value needs of a series to be known, in candles.
  public struct Need: Sendable {
    /// In the normal form of the language.
    public let operand: String
    /// As a rule would write it: `'NSE:NIFTY 50'@1h`, `@1h`; empty: the strategy's own candles.
    public let series: String
    /// Until its first value.
    public let candles: Int
    /// Until it does not matter within 1e-9 where the history began; nil: it always matters.
    public let settles: Int?
  }

  public let program: StrategyProgram
  /// The rules in plain words.
  public let explanation: String
  /// The parameters as JSON, rules in their normal form.
  public let normalized: String
  /// Of each value that the rules compare, and each series that it reads.
  public let needs: [Need]
  /// Candles of each series that warm it up: enough to settle, and ten times as many as it takes to begin.
  private let warmUps: [Int]

  /// - Parameters:
  ///   - type: the strategy's family.
  ///   - timeframe: length of its candles; nil: each tick is one.
  ///   - parameters: JSON.
  public init(type: String, timeframe: RuleLength?, parameters: String) throws(RuleError) {
    guard let type = StrategyType(sql: type) else {
      throw RuleError(
        problem: "no family of strategies has this name",
        hint: "the type is trend, mean_reversion, momentum, arbitrage, scalping, swing or custom")
    }
    let definition = try StrategyDefinition(type: type, json: parameters)
    let program = try StrategyProgram(definition, timeframe: timeframe)
    let analysis = program.analyseWarmUp()
    self.program = program
    explanation = definition.explain()
    normalized = definition.normalizedJSON
    warmUps = analysis.series.map { max(10 * $0.first, $0.settled ?? 0) }
    needs = analysis.operands.flatMap { operand in
      operand.needs.map { need in
        Need(
          operand: operand.name, series: program.series[need.series].text, candles: need.first, settles: need.settled)
      }
    }
  }

  /// Models whose predictions the rules read, each once.
  public var models: [String] {
    var models: [String] = []
    for key in program.predictions where !models.contains(where: { isSame($0, key.model) }) { models.append(key.model) }
    return models
  }

  /// What `ta.check_strategy` answers. Lengths are written as PostgreSQL reads intervals.
  public var json: String {
    var writer = RuleWriter()
    writer.raw(#"{"error":null,"explanation":"#)
    writer.string(explanation)
    writer.raw(#","normalized":"# + normalized + #","models":"#)
    writer.list(models) { $0.string($1) }
    writer.raw(#","series":"#)
    writer.list(Array(program.series.enumerated())) { writer, item in
      writer.raw(#"{"symbol":"#)
      writer.optional(item.element.symbol)
      writer.raw(#","length":"#)
      writer.optional(item.element.length?.interval)
      writer.raw(#","candles":\#(warmUps[item.offset]),"needs_clock":\#(program.needsClock(ofSeries: item.offset))}"#)
    }
    writer.raw(#","predictions":"#)
    writer.list(program.predictions) { writer, key in
      writer.raw(#"{"model":"#)
      writer.string(key.model)
      writer.raw(#","maximum_age":"#)
      writer.string(key.maximumAge.interval)
      writer.raw("}")
    }
    writer.raw(#","operands":"#)
    writer.list(needs) { writer, need in
      writer.raw(#"{"operand":"#)
      writer.string(need.operand)
      writer.raw(#","series":"#)
      writer.optional(need.series.utf8.isEmpty ? nil : need.series)
      writer.raw(#","candles":\#(need.candles),"settles":"# + (need.settles.map { "\($0)" } ?? "null") + "}")
    }
    writer.raw("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The same of a strategy that is refused.
  public static func json(of error: RuleError) -> String {
    var writer = RuleWriter()
    writer.raw(#"{"error":"#)
    writer.string(error.message)
    writer.raw(#","detail":"#)
    writer.optional(error.position.utf8.isEmpty ? nil : error.position)
    writer.raw("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension RuleError {
  /// What is wrong and what to write instead, without the place.
  public var message: String { problem + (hint.utf8.isEmpty ? "" : "; " + hint) }
}

extension RuleWriter {
  mutating func list<Item>(_ items: [Item], _ write: (inout RuleWriter, Item) -> Void) {
    raw("[")
    for (index, item) in items.enumerated() {
      if index > 0 { raw(",") }
      write(&self, item)
    }
    raw("]")
  }

  mutating func optional(_ text: String?) {
    if let text { string(text) } else { raw("null") }
  }
}

extension SeriesKey {
  fileprivate var text: String { (symbol.map { "'\($0)'" } ?? "") + (length.map { "@\($0.text)" } ?? "") }
}

extension RuleLength {
  /// As PostgreSQL reads it.
  var interval: String { "\(count) \(unit.words)" }

  /// What an interval is as a length of candles, in PostgreSQL's three parts; nil: nothing at all, each tick is a candle.
  public static func timeframe(months: Int32, days: Int32, microseconds: Int64) throws(RuleError) -> RuleLength? {
    switch (months, days, microseconds) {
    case (0, 0, 0): return nil
    case (1..., 0, 0): return RuleLength(count: Int(months), unit: .month)
    case (0, 1..., 0):
      return days % 7 == 0 ? .init(count: Int(days) / 7, unit: .week) : .init(count: Int(days), unit: .day)
    case (0, 0, 1...) where microseconds % 1_000_000 == 0 && microseconds < 86_400_000_000:
      let seconds = Int(microseconds / 1_000_000)
      if seconds % 3_600 == 0 { return .init(count: seconds / 3_600, unit: .hour) }
      return seconds % 60 == 0 ? .init(count: seconds / 60, unit: .minute) : .init(count: seconds, unit: .second)
    default:
      throw RuleError(
        problem: "candles last whole seconds below a day, or days, weeks or months, but not a mixture",
        hint: "the timeframe is such as 15 minutes, 1 hour or 1 day, or 0 for ticks")
    }
  }
}
