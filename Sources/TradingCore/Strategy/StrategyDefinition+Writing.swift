extension StrategyDefinition {
  /// The parameters as ``init(type:json:)`` reads them, with everything that was left out and each rule in its normal form.
  public var normalizedJSON: String { json(rulesAsText: true) }

  /// - Parameter isText: rules in the text form; otherwise in the JSON form.
  public func json(rulesAsText isText: Bool) -> String {
    var writer = RuleWriter()
    writer.raw("{")
    let rules = [("entry", entry), ("exit", exit), ("short_entry", shortEntry), ("short_exit", shortExit)]
    for case (let key, let rule?) in rules {
      writer.raw("\"\(key)\":")
      writer.write(rule, asText: isText)
      writer.raw(",")
    }
    writer.raw("\"sizing\":")
    writer.write(sizing)
    writer.list("exits", exits) { $0.write($1, rulesAsText: isText) }
    if !parameters.isEmpty { writer.write(parameters) }
    writer.list("legs", legs) { writer, leg in
      writer.raw("{\"symbol\":")
      writer.write(leg.symbol)
      writer.raw(",\"ratio\":")
      writer.write(leg.ratio, asText: isText)
      writer.raw("}")
    }
    writer.raw("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension RuleWriter {
  /// `,"key":[…]`; nothing when there are no elements.
  fileprivate mutating func list<Element>(
    _ key: String, _ elements: [Element], _ write: (inout RuleWriter, Element) -> Void
  ) {
    if elements.isEmpty { return }
    raw(",\"\(key)\":[")
    for (index, element) in elements.enumerated() {
      if index > 0 { raw(",") }
      write(&self, element)
    }
    raw("]")
  }

  fileprivate mutating func write(_ parameters: [(name: String, value: StrategyDefinition.ParameterValue)]) {
    raw(",\"params\":{")
    for (index, (name, value)) in parameters.enumerated() {
      if index > 0 { raw(",") }
      string(name)
      raw(":")
      switch value {
      case .number(let number): raw(number.text)
      case .symbol(let symbol): string(symbol)
      }
    }
    raw("}")
  }

  fileprivate mutating func write(_ sizing: PositionSizing) {
    switch sizing {
    case .fixedQuantity(let quantity): raw("{\"method\":\"fixed_quantity\",\"quantity\":\(quantity)}")
    case .fixedValue(let value): raw("{\"method\":\"fixed_value\",\"value\":\(value)}")
    case .fixedFractional(let risk): raw("{\"method\":\"fixed_fractional\",\"risk_percent\":\(risk)}")
    case .volatility(let risk, let multiple):
      raw("{\"method\":\"volatility\",\"risk_percent\":\(risk),\"atr_multiple\":\(multiple)}")
    case .deviation(let risk, let deviations, let period):
      raw("{\"method\":\"deviation\",\"risk_percent\":\(risk),\"deviations\":\(deviations),\"period\":\(period)}")
    case .kelly(let winRate, let payoff, let fraction, let cap):
      raw("{\"method\":\"kelly\",\"win_rate\":\(winRate),\"payoff\":\(payoff)")
      raw(",\"fraction\":\(fraction),\"cap_percent\":\(cap)}")
    }
  }
}
