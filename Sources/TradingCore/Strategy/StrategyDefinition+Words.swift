extension StrategyDefinition {
  /// The strategy in a paragraph of plain words, with the values of its parameters.
  public func explain() -> String {
    let teller = RuleWords(parameters: parameters)
    var sentences: [String] = []
    if entry == nil, shortEntry == nil { sentences.append("Enters when a signal from outside says so") }
    if let entry { sentences.append("Buys when " + teller.words(entry)) }
    if let exit { sentences.append((isTwoSided ? "Sells again when " : "Leaves when ") + teller.words(exit)) }
    if let shortEntry { sentences.append("Sells short when " + teller.words(shortEntry)) }
    if let shortExit { sentences.append((isTwoSided ? "Buys back when " : "Leaves when ") + teller.words(shortExit)) }
    for exit in exits { sentences.append(sentence(exit, teller)) }
    if self.exit == nil, shortExit == nil, exits.isEmpty { sentences.append("Never leaves on its own") }
    for leg in legs {
      sentences.append(
        "Along with each unit it trades units of " + teller.name(leg.symbol) + ", on the other side when negative: "
          + teller.words(leg.ratio))
    }
    sentences.append(sizing.words)
    if needsStop, !hasStop { sentences.append("Without a stop there is no such distance, and nothing is traded") }
    var text = ""
    for (index, sentence) in sentences.enumerated() { text += (index == 0 ? "" : " ") + sentence + "." }
    return text
  }

  /// Without entries of its own it takes either side, as it is told.
  private var isTwoSided: Bool { (entry == nil) == (shortEntry == nil) }

  /// Whether the sizing goes by the distance of the stop.
  private var needsStop: Bool {
    if case .fixedFractional = sizing { true } else { false }
  }

  private var hasStop: Bool {
    exits.contains { exit in
      switch exit {
      case .stop, .trailingStop, .stopLevel: true
      case .breakEven, .takeProfit, .takeProfitAtR, .when, .expansion: false
      }
    }
  }

  private func sentence(_ exit: ExitRule, _ teller: RuleWords) -> String {
    switch exit {
    case .stop(let distance):
      return "Protects the position with a stop " + teller.words(distance) + " from the entry price"
    case .trailingStop(let distance):
      return "Lets a stop follow the best price since the entry at a distance of " + teller.words(distance)
    case .stopLevel(let long, let short):
      if !isTwoSided { return "Lets a stop follow " + teller.words(entry != nil ? long : short) }
      return "Lets a stop follow " + teller.words(long) + " below a long position and " + teller.words(short)
        + " above a short one"
    case .breakEven(let atR): return "Moves the stop to the entry price once the open profit is " + distances(atR)
    case .takeProfit(let distance, let portion):
      return "Takes profit on " + share(portion) + " at a distance of " + teller.words(distance)
        + " from the entry price"
    case .takeProfitAtR(let atR, let portion):
      return "Takes profit on " + share(portion) + " at " + distances(atR)
    case .when(let condition, let reason):
      let why =
        switch reason {
        case .timeStop: "After a time it leaves: when "
        case .sessionEnd: "Before the session ends it leaves: when "
        case .volatility: "When the market gets too lively it leaves: when "
        case .rule, .stop, .takeProfit, .request, .leg: "Leaves when "
        }
      return why + teller.words(condition)
    case .expansion(let value, let multiple):
      return "Leaves when " + teller.words(value) + " is " + multiple.description + " times what it was at the entry"
    }
  }

  private func distances(_ count: Ratio) -> String {
    count.description + (count == .one ? " initial stop distance" : " initial stop distances")
  }

  private func share(_ percent: Ratio) -> String {
    isSame(percent.description, "100") ? "all of it" : percent.description + " % of what was entered"
  }
}

extension PositionSizing {
  fileprivate var words: String {
    switch self {
    case .fixedQuantity(let quantity): "Trades " + quantity.description + " units at a time"
    case .fixedValue(let value): "Puts an amount of " + value.description + " into each position"
    case .fixedFractional(let risk):
      "Risks " + risk.description + " % of the equity between the entry price and the stop"
    case .volatility(let risk, let multiple):
      "Is so large that a move of " + multiple.description + " average true ranges against it costs "
        + risk.description + " % of the equity"
    case .deviation(let risk, let deviations, let period):
      "Is so large that a move of " + deviations.description
        + " standard deviations of the last \(period) closes against it costs "
        + risk.description + " % of the equity"
    case .kelly(let winRate, let payoff, let fraction, let cap):
      "Puts " + fraction.description + " times Kelly's fraction of the equity (win rate " + winRate.description
        + ", payoff " + payoff.description + ") into each position, at most " + cap.description + " %"
    }
  }
}
