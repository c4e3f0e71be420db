/// What a session gives out to be kept: prices and agents' memories.
extension TradingSession {
  public typealias LatestPrice = (instrument: Int32, time: Timestamp, price: Double, size: Double)

  /// The latest price of each instrument that has one.
  public var latestPrices: [LatestPrice] {
    lanes.compactMap { lane in
      lane.lastPrice.map { (lane.instrument.id, lane.lastTime, $0, lane.lastSize) }
    }
  }

  /// The latest price of each instrument that has a new one since the last call.
  public mutating func takePrices() -> [LatestPrice] {
    var prices: [LatestPrice] = []
    for lane in lanes.indices where lanes[lane].hasNewPrice {
      lanes[lane].hasNewPrice = false
      prices.append(
        (lanes[lane].instrument.id, lanes[lane].lastTime, lanes[lane].lastPrice ?? .nan, lanes[lane].lastSize))
    }
    return prices
  }

  /// The memory of each agent that has changed since the last call, and when it did; nil for one that is new.
  public mutating func takeStates() -> [(
    portfolio: Int32, agent: Int32, instrument: Int32, at: Timestamp?, state: [UInt8]
  )] {
    var states: [(portfolio: Int32, agent: Int32, instrument: Int32, at: Timestamp?, state: [UInt8])] = []
    for lane in lanes.indices {
      for slot in lanes[lane].slots.indices where lanes[lane].slots[slot].hasChanged {
        lanes[lane].slots[slot].hasChanged = false
        let agent = lanes[lane].slots[slot].agent
        states.append((agent.portfolio, agent.id, agent.instrument, lanes[lane].slots[slot].changedAt, agent.state))
      }
    }
    return states
  }
}
