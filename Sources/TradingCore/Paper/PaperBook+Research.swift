/// Fills that a bar does not vouch for: for research only.
extension PaperBook {
  /// Matches what fills in the range of a bar have brought to life with the rest of that bar. Call it behind `matchRange` and
  /// again as long as something filled.
  ///
  /// A bar went from its open to its high, to its low and to its close, or to its low first: nobody knows which. A stop fills
  /// when the rest of either way reaches it, a limit order only when the rest of both does, and stops come first. So no fill
  /// is better than on the way that the bar really went, and of a stop and a target that are both inside it the stop fills.
  ///
  /// - Parameter time: that of `matchRange`, at which what its fills brought to life arrived.
  public mutating func matchRest(_ bar: Bar, at time: Timestamp, into actions: inout [PaperAction]) {
    guard let fill = latestFill, !orders.isEmpty, let open = Self.tapePrice(bar.open),
      let high = Self.tapePrice(bar.high), let low = Self.tapePrice(bar.low), let close = Self.tapePrice(bar.close)
    else { return }
    let (top, bottom) = (max(high, open), min(low, open))
    // Slippage may have left the bar.
    let begin = min(max(fill, bottom), top)
    let end = min(max(close, bottom), top)
    latestFill = nil
    shareVolume(of: bar)
    var rest = PaperEvent(
      kind: .rangeStops, open: begin, high: top, low: bottom, volume: bar.volume, at: time, tapeTime: sent(by: tapeTime)
    )
    rest.fillsFrom = time
    rest.fillsUntil = comesThrough(by: bar.bucket)
    sweep(rest, &actions)
    // Above the open the way up to the high was not over, and the low may have been before; below it likewise.
    rest = PaperEvent(
      kind: .rangeLimits, open: begin, high: begin < open ? max(begin, end) : top,
      low: begin > open ? min(begin, end) : bottom, volume: bar.volume, at: time, tapeTime: sent(by: tapeTime))
    rest.fillsFrom = time
    rest.fillsUntil = comesThrough(by: bar.bucket)
    sweep(rest, &actions)
  }

  /// Fills the market orders that came at the close of a bar at its last price, as far as its volume allows: what caused them
  /// was known only then.
  public mutating func matchLateOrders(_ bar: Bar, at time: Timestamp, into actions: inout [PaperAction]) {
    guard !orders.isEmpty, let price = Self.tapePrice(bar.close) else { return }
    shareVolume(of: bar)
    var event = event(.lastPrice, price, volume: bar.volume, at: time)
    event.fillsFrom = time
    sweep(event, &actions)
  }
}
