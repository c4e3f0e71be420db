/// How often values of each size are, in classes of equal width; zero is always a border, so that no class mixes gains and
/// losses.
package struct Histogram: Chart {
  package let title: String
  private let format: ValueFormat
  private let unit: String
  let bins: [Bin]
  private let mean: Double?
  private let median: Double?
  private let count: Int

  struct Bin: Equatable, Sendable {
    let low: Double
    let high: Double
    var count = 0
    /// It holds whatever is beyond it, too.
    var isOpen = false
  }

  /// - Parameters:
  ///   - values: in any order; those that are not finite do not count.
  ///   - unit: what is counted, in the plural.
  package init(_ title: String, _ values: [Double], _ format: ValueFormat, unit: String) {
    self.title = title
    self.format = format
    self.unit = unit
    let sorted = values.filter { $0.magnitude < ValueScale.limit }.sorted()
    count = sorted.count
    mean = sorted.isEmpty ? nil : sorted.reduce(0) { $0 + $1 / Double(sorted.count) }
    median = sorted.isEmpty ? nil : (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    bins = Self.bins(sorted)
  }

  private static func bins(_ sorted: [Double]) -> [Bin] {
    guard let first = sorted.first, let last = sorted.last else { return [] }
    // The width is by the middle of the values; what is far outside shares the classes at the ends.
    let (lower, upper) = (sorted[(sorted.count - 1) / 50], sorted[(sorted.count - 1) * 49 / 50])
    let wanted = min(max(Double(sorted.count).squareRoot() * 1.6, 6), 36)
    let spread = max(upper - lower, (last - first) / 20)
    let step = ValueScale.niceStep(atLeast: spread > 0 ? spread / wanted : max(first.magnitude / 10, 1e-9))
    let margin = step * 6
    let from = (max(first, lower - margin) / step).rounded(.down)
    let until = max((min(last, upper + margin) / step).rounded(.down) + 1, from + 1)
    let number = Int(min(until - from, 200))
    var bins = (0..<number).map { Bin(low: (from + Double($0)) * step, high: (from + Double($0) + 1) * step) }
    for value in sorted {
      let place = min(max(((value / step).rounded(.down) - from), 0), Double(number - 1))
      bins[Int(place)].count += 1
    }
    bins[0].isOpen = first < bins[0].low
    bins[number - 1].isOpen = last >= bins[number - 1].high
    return bins
  }

  package var summary: String {
    guard let mean, let median else { return "There are no \(unit)." }
    return "\(count) \(unit), mean \(format.text(mean)), median \(format.text(median)), in \(bins.count) classes."
  }

  package func height(width: Double) -> Double { width < 560 ? 240 : 280 }

  package func draw(width: Double, into markup: inout Markup) {
    let height = height(width: width)
    guard !bins.isEmpty, let mean, let median else {
      return markup.text("nothing to show", x: width / 2, y: height / 2, class: "tick", anchor: "middle")
    }
    let counts = ValueScale(
      bins.map { Double($0.count) }, includesZero: true, bottom: height - 26, top: 30, ticks: 4)
    let whole = counts.ticks.filter { $0 == $0.rounded() }
    let left = (whole.map { textWidth(ValueFormat.fixed($0, digits: 0)) }.max() ?? 10) + 12
    let right = width - 14
    for tick in whole {
      let y = counts.position(tick)
      markup.line(x1: left, y1: y, x2: right, y2: y, class: tick == 0 ? "zero" : "grid")
      markup.text(ValueFormat.fixed(tick, digits: 0), x: left - 6, y: y + 4, class: "tick", anchor: "end")
    }
    markup.text(unit, x: left, y: 14, class: "head")
    let slot = (right - left) / Double(bins.count)
    for (place, bin) in bins.enumerated() where bin.count > 0 {
      let top = counts.position(Double(bin.count))
      markup.rectangle(
        x: left + Double(place) * slot + 0.5, y: top, width: max(slot - 1, 0.6), height: counts.bottom - top,
        class: bin.low < 0 ? "loss" : "gain", title: "\(text(of: bin, at: place)): \(bin.count) \(unit)")
    }
    drawTicks(left: left, slot: slot, right: right, y: height - 8, into: &markup)
    let line = { (value: Double) in
      left + min(max((value - bins[0].low) / (bins[0].high - bins[0].low), 0), Double(bins.count)) * slot
    }
    for (name, place) in [("median", line(median)), ("mean", line(mean))] {
      markup.line(
        x1: place, y1: counts.top - 6, x2: place, y2: counts.bottom, class: name == "mean" ? "middle" : "zero")
    }
    let text = "mean (dashed) \(format.text(mean)), median \(format.text(median))"
    markup.text(text, x: right, y: 14, class: "tick", anchor: "end")
  }

  private func text(of bin: Bin, at place: Int) -> String {
    if bin.isOpen { return place == 0 ? "below \(format.text(bin.high))" : "from \(format.text(bin.low)) on" }
    return "\(format.text(bin.low)) to \(format.text(bin.high))"
  }

  private func drawTicks(left: Double, slot: Double, right: Double, y: Double, into markup: inout Markup) {
    let step = bins[0].high - bins[0].low
    let largest = max(bins[0].low.magnitude, bins[bins.count - 1].high.magnitude)
    let widest = textWidth(format.tick(bins[0].low, step: step, largest: largest)) + 16
    let every = max(Int((widest / slot).rounded(.up)), 1)
    let zero = Int((-bins[0].low / step).rounded())
    for place in 0...bins.count where (place - zero) % every == 0 {
      let value = place == bins.count ? bins[place - 1].high : bins[place].low
      let x = left + Double(place) * slot
      markup.line(x1: x, y1: y - 18, x2: x, y2: y - 14, class: "zero")
      markup.text(
        format.tick(place == zero ? 0 : value, step: step, largest: largest), x: min(x, right - 4), y: y, class: "tick",
        anchor: "middle")
    }
  }
}
