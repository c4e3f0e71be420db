extension ChartPanel {
  /// A bar from one value to another.
  struct Bar: Sendable, Equatable {
    let time: ChartTime
    let base, end: Double

    /// - Returns: for each line its bars, none for lines that are drawn otherwise.
    static func bars(of lines: [Line], isStacked: Bool) -> [[Bar]] {
      var tops: [ChartTime: (above: Double, below: Double)] = [:]
      return lines.map { line in
        guard line.hasBars else { return [] }
        return line.points.compactMap { point in
          guard point.value.magnitude < ValueScale.limit else { return nil }
          guard isStacked else { return Bar(time: point.time, base: 0, end: point.value) }
          var top = tops[point.time] ?? (0, 0)
          let base = point.value < 0 ? top.below : top.above
          if point.value < 0 { top.below += point.value } else { top.above += point.value }
          tops[point.time] = top
          return Bar(time: point.time, base: base, end: base + point.value)
        }
      }
    }
  }

  func draw(
    _ bars: [Bar], _ colour: Style.Colour, seconds: Double, _ time: TimeScale, _ scale: ValueScale,
    into markup: inout Markup
  ) {
    // Of bars that share a pixel the longest is drawn: more of them would not be seen, and the file stays small.
    var drawn: [(left: Double, right: Double, bar: Bar)] = []
    for bar in bars {
      var (left, right): (Double, Double)
      if time.slotWidth > 0 {
        let middle = time.position(bar.time)
        (left, right) = (middle - time.slotWidth * 0.33, middle + time.slotWidth * 0.33)
      } else {
        left = time.position(bar.time)
        right = time.position(ChartTime(seconds: bar.time.seconds + seconds))
        if right - left > 3 { right -= 1 }
      }
      right = max(right, left + 1)
      if let last = drawn.last, left.rounded(.down) == last.left.rounded(.down) {
        if (bar.end - bar.base).magnitude > (last.bar.end - last.bar.base).magnitude {
          drawn[drawn.count - 1] = (left, right, bar)
        }
      } else {
        drawn.append((left, right, bar))
      }
    }
    let path = drawn.map { left, right, bar in
      let (base, end) = (String(pixel: scale.position(bar.base)), String(pixel: scale.position(bar.end)))
      return "M\(String(pixel: left)) \(base)V\(end)H\(String(pixel: right))V\(base)Z"
    }.joined()
    if !path.isEmpty { markup.element("path", ["class": "bar c\(colour.rawValue)", "d": path]) }
  }

  func draw(_ line: Line, as sign: Sign, _ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    let points = Thinning.columns(line.points.lazy.map { Thinning.Point(x: time.position($0.time), y: $0.value) })
    let path = points.filter { !$0.y.isNaN }.map { sign.path(x: $0.x, y: scale.position($0.y), size: 3) }.joined()
    if !path.isEmpty { markup.element("path", ["class": "dot signs c\(line.colour.rawValue)", "d": path]) }
  }
}
