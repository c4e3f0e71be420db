extension AgentRuntime {
  /// Changes when what follows it does.
  private static let version = 1

  /// Everything but the plan and the open orders.
  public var state: [UInt8] {
    var writer = StateWriter()
    writer.write(Self.version)
    writer.write(lastBar != nil)
    writer.write((lastBar ?? .earliest).microseconds)
    writer.write(holdsBack)
    writer.write(holdsBackTargets)
    writer.write(entriesInBar)
    writer.write(exitsInBar)
    writer.write(stopsInBar)
    writer.write(targetsInBar.count)
    for count in targetsInBar { writer.write(count) }
    writer.write(signals)
    writer.write(current != nil)
    current?.write(to: &writer)
    return writer.bytes
  }

  /// Goes on exactly where the runtime with this state and these open orders stood.
  ///
  /// - Throws: `badState` when it is not the state of a runtime of this version, or when two orders have one role.
  public init(_ plan: AgentPlan, state: [UInt8], orders: [AgentOrder]) throws(ParameterError) {
    self.plan = plan
    self.orders = orders
    do throws(StateReader.Malformed) {
      var reader = StateReader(state)
      guard try reader.int() == Self.version else { throw StateReader.Malformed() }
      let hasBar = try reader.bool()
      let bar = try reader.timestamp()
      lastBar = hasBar ? bar : nil
      holdsBack = try reader.bool()
      holdsBackTargets = try reader.bool()
      entriesInBar = try reader.count()
      exitsInBar = try reader.count()
      stopsInBar = try reader.count()
      for _ in 0..<(try reader.count(atMost: AgentTrade.mostTargets)) { targetsInBar.append(try reader.count()) }
      signals = try reader.int64()
      if try reader.bool() { current = try AgentTrade(from: &reader) }
      guard reader.isAtEnd, signals >= 0 else { throw StateReader.Malformed() }
    } catch {
      throw .badState(of: "agent")
    }
    for index in orders.indices {
      for other in orders[..<index] where other.role == orders[index].role && other.target == orders[index].target {
        throw ParameterError(.badState, "two open \(other.role) orders")
      }
    }
  }
}

extension AgentTrade {
  /// More than a strategy can have exits.
  static let mostTargets = 64

  func write(to writer: inout StateWriter) {
    writer.write(side == .buy)
    writer.write(enteredAt.microseconds)
    writer.write(bars)
    writer.write(owned.raw)
    writer.write(entered.raw)
    writer.write(cost.raw)
    for price in [stopDistance, stopLevel, risk, ratchet, best] {
      writer.write(price != nil)
      writer.write((price ?? .zero).raw)
    }
    writer.write(isStoppedOut)
    writer.write(targets.count)
    for target in targets {
      writer.write(target.distance.raw)
      writer.write(target.percent.raw)
      writer.write(target.filled.raw)
    }
    writer.write(measures)
    writer.write(exitReason != nil)
    writer.write((exitReason ?? .rule).sql)
  }

  init(from reader: inout StateReader) throws(StateReader.Malformed) {
    side = try reader.bool() ? .buy : .sell
    enteredAt = try reader.timestamp()
    bars = try reader.count()
    owned = try reader.amount()
    entered = try reader.amount()
    cost = try reader.money()
    stopDistance = try reader.positivePrice()
    stopLevel = try reader.positivePrice()
    risk = try reader.positivePrice()
    ratchet = try reader.positivePrice()
    best = try reader.positivePrice()
    isStoppedOut = try reader.bool()
    for _ in 0..<(try reader.count(atMost: Self.mostTargets)) {
      let distance = try reader.price()
      let raw = try reader.int64()
      guard distance.isPositive, raw >= 0, raw <= 100 * fixedPointScale else { throw StateReader.Malformed() }
      targets.append(Target(distance: distance, percent: Ratio(unchecked: raw), filled: try reader.amount()))
    }
    measures = try reader.doubles()
    let isLeaving = try reader.bool()
    guard let reason = ExitReason(sql: try reader.text()) else { throw StateReader.Malformed() }
    exitReason = isLeaving ? reason : nil
  }
}

extension StateReader {
  fileprivate mutating func count(atMost limit: Int = .max) throws(Malformed) -> Int {
    let count = try int()
    guard count >= 0, count <= limit else { throw Malformed() }
    return count
  }

  fileprivate mutating func amount() throws(Malformed) -> Quantity {
    let quantity = try quantity()
    guard !quantity.isNegative else { throw Malformed() }
    return quantity
  }

  fileprivate mutating func positivePrice() throws(Malformed) -> Price? {
    let isThere = try bool()
    let price = try price()
    guard isThere else { return nil }
    guard price.isPositive else { throw Malformed() }
    return price
  }
}
