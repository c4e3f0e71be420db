/// A candle as it is drawn: hollow when it rose, filled when it fell.
package struct ChartCandle: Sendable, Equatable {
  /// When it begins.
  package let time: ChartTime
  package var open: Double
  package var high: Double
  package var low: Double
  package var close: Double
  package var volume: Double

  package init(
    _ time: ChartTime, open: Double, high: Double, low: Double, close: Double, volume: Double = .nan
  ) {
    self.time = time
    self.open = open
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }

  /// Candles joined into longer ones, as many as a picture has room for.
  ///
  /// - Parameters:
  ///   - candles: in the order of their times. Those with a price that is not finite are left out.
  ///   - most: at most so many come back.
  /// - Returns: the candles, and how long each of them is; nil when they are as they came.
  package static func joined(_ candles: [ChartCandle], most: Int) -> (candles: [ChartCandle], step: CalendarStep?) {
    let candles = candles.filter { candle in
      [candle.open, candle.high, candle.low, candle.close].allSatisfy { $0.magnitude < ValueScale.limit }
    }
    guard candles.count > most, let first = candles.first, let last = candles.last else { return (candles, nil) }
    // Where nights are left out, a step of the calendar holds fewer candles than its length says.
    let span = last.time.seconds - first.time.seconds
    for step in CalendarStep.ladder where span / step.seconds <= Double(most) * 12 {
      let result = joined(candles, by: step)
      if result.count <= most { return (result, step) }
    }
    let step = CalendarStep.ladder[CalendarStep.ladder.count - 1]
    return (joined(candles, by: step), step)
  }

  private static func joined(_ candles: [ChartCandle], by step: CalendarStep) -> [ChartCandle] {
    var result: [ChartCandle] = []
    for candle in candles {
      let start = step.start(of: candle.time)
      if let last = result.last, last.time == start {
        let place = result.count - 1
        result[place].high = max(last.high, candle.high)
        result[place].low = min(last.low, candle.low)
        result[place].close = candle.close
        result[place].volume += candle.volume
      } else {
        result.append(
          ChartCandle(
            start, open: candle.open, high: candle.high, low: candle.low, close: candle.close, volume: candle.volume))
      }
    }
    return result
  }

  func text(_ format: ValueFormat, name: String) -> String {
    let prices =
      "open \(format.text(open)), high \(format.text(high)), low \(format.text(low)), close \(format.text(close))"
    return name.isEmpty ? prices : "\(name): \(prices)"
  }

  func draw(_ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    let x = time.position(self.time)
    let width = min(max((time.slotWidth > 0 ? time.slotWidth : 5) * 0.66, 1), 12)
    let (upper, lower) = (scale.position(max(open, close)), scale.position(min(open, close)))
    let (high, low) = (scale.position(high), scale.position(low))
    let rose = close >= open
    let middle = String(pixel: x)
    // The wick does not cross a hollow body.
    var path =
      "M\(middle) \(String(pixel: high))V\(String(pixel: upper))M\(middle) \(String(pixel: lower))V\(String(pixel: low))"
    let half = width / 2
    path += "M\(String(pixel: x - half)) \(String(pixel: upper))h\(String(pixel: width))"
    path += "V\(String(pixel: max(lower, upper + 0.6)))h-\(String(pixel: width))Z"
    markup.element("path", ["class": rose ? "candle rose" : "candle fell", "d": path])
  }
}
