/// Counts over candles at how many of them the rules of a strategy hold, and each part that `and` joins, so that dead ones
/// show. The strategy acts meanwhile as in a preview: rules of an exit are looked at while there is a position on their side.
public struct StrategyCheck: Sendable {
  public enum Finding: Sendable {
    case neverTrue, alwaysTrue
    /// It has no value yet at the last candle, or would not have one without luck: it reads more candles than there are.
    case longerThanTheHistory

    public var text: String {
      switch self {
      case .neverTrue: "never true"
      case .alwaysTrue: "always true"
      case .longerThanTheHistory: "longer than the history"
      }
    }
  }

  public struct Condition: Sendable {
    /// `entry`, `exit`, `short_entry` or `short_exit`.
    public let rule: String
    /// All of it, or a part of it that `and` joins, in the normal form.
    public let text: String
    /// Candles at which it was looked at, and at which it held.
    public fileprivate(set) var looked = 0
    public fileprivate(set) var held = 0
    public fileprivate(set) var finding: Finding? = nil
    /// The position that there must be; nil: any.
    fileprivate let side: Side?
    /// What it needs of each series until it is known.
    fileprivate let needs: [(key: SeriesKey, candles: Int)]
  }

  private var counts: [Condition] = []
  /// Candles of each series until now, those of the past included.
  private var seen: [Int]
  private var preview: StrategyPreview
  /// Exit values of the strategy's own.
  private let ownValues: Int

  /// - Parameter from: candles that begin before are the past: they warm the indicators up.
  public init(_ program: StrategyProgram, from: Timestamp) throws(RuleError) {
    var definition = program.definition
    var own = 0
    for exit in definition.exits {
      if case .stopLevel = exit { own += 1 }
      own += 1
    }
    ownValues = own
    let rules: [(String, Rule?, Side?)] = [
      ("entry", definition.entry, nil), ("exit", definition.exit, .buy),
      ("short_entry", definition.shortEntry, nil), ("short_exit", definition.shortExit, .sell),
    ]
    for (name, rule, side) in rules {
      guard let rule else { continue }
      for part in rule.parts {
        // Beside the strategy's own exits, so that it is evaluated with the same candles and the same position.
        definition.exits.append(.when(part, reason: .rule))
        let program = try StrategyProgram(
          StrategyDefinition(entry: part, parameters: definition.parameters), timeframe: program.timeframe)
        counts.append(
          Condition(
            rule: name, text: part.text, side: side,
            needs: program.series.enumerated().map { ($1, program.warmUp(ofSeries: $0)) }))
      }
    }
    let extended = try StrategyProgram(definition, timeframe: program.timeframe)
    seen = Array(repeating: 0, count: extended.series.count)
    preview = StrategyPreview(extended, from: from, exits: program.definition.exits)
  }

  /// See `StrategyPreview.take`.
  public mutating func take(_ closed: ClosedCandle, predictions: [Double]) {
    seen[closed.series] += 1
    guard let row = preview.take(closed, predictions: predictions) else { return }
    for index in counts.indices {
      guard counts[index].side == nil || counts[index].side == row.side else { continue }
      counts[index].looked += 1
      if row.exitValues[ownValues + index] == 1 { counts[index].held += 1 }
    }
  }

  /// What came of it until now.
  public var conditions: [Condition] {
    counts.map { count in
      var count = count
      if count.needs.contains(where: { seen(of: $0.key) < $0.candles }) {
        count.finding = .longerThanTheHistory
      } else if count.looked > 0 {
        count.finding = count.held == 0 ? .neverTrue : count.held == count.looked ? .alwaysTrue : nil
      }
      return count
    }
  }

  private func seen(of key: SeriesKey) -> Int {
    for (other, count) in zip(preview.program.series, seen) where key.equals(other) { return count }
    return 0
  }

  /// What `ta.check_candles` answers.
  public var json: String {
    var writer = RuleWriter()
    writer.list(conditions) { writer, condition in
      writer.raw(#"{"rule":"\#(condition.rule)","condition":"#)
      writer.string(condition.text)
      writer.raw(#","looked":\#(condition.looked),"held":\#(condition.held),"finding":"#)
      writer.optional(condition.finding?.text)
      writer.raw("}")
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension SeriesKey {
  fileprivate func equals(_ other: SeriesKey) -> Bool {
    switch (symbol, other.symbol) {
    case (nil, nil): length == other.length
    case (let symbol?, let otherSymbol?): isSame(symbol, otherSymbol) && length == other.length
    default: false
    }
  }
}

extension Rule {
  /// The rule, and behind it the parts that `and` joins.
  fileprivate var parts: [Rule] {
    guard case .operation(.and, let parts) = self else { return [self] }
    return [self] + parts
  }
}
