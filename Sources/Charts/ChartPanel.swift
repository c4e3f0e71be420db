/// One plot of a ``TimeChart``, with a scale of values of its own.
package struct ChartPanel: Sendable {
  package struct Point: Sendable, Equatable {
    package let time: ChartTime
    /// NaN interrupts a line.
    package let value: Double

    package init(_ time: ChartTime, _ value: Double) {
      self.time = time
      self.value = value
    }
  }

  /// A series, and how it is drawn.
  package struct Line: Sendable {
    package enum Drawing: Sendable, Equatable {
      case line
      /// A line that can be told from another one of its colour.
      case dashed
      /// A line with the area between it and zero or the bottom.
      case area
      case points(Sign)
      /// Bars from zero, each from its time on for so many seconds; in slots of candles, one for each slot.
      case bars(seconds: Double)
    }

    let name: String
    let points: [Point]
    let colour: Style.Colour
    let drawing: Drawing

    /// - Parameter points: in the order of their times.
    package init(_ name: String, _ points: [Point], _ colour: Style.Colour = .blue, _ drawing: Drawing = .line) {
      self.name = name
      self.points = points
      self.colour = colour
      self.drawing = drawing
    }

    var hasBars: Bool { if case .bars = drawing { true } else { false } }
  }

  /// A sign at a time and a price, such as an entry.
  package struct Mark: Sendable {
    package let time: ChartTime
    let value: Double
    let shape: MarkShape
    let name: String
    let title: String

    /// - Parameters:
    ///   - name: in the legend; nil is that of the shape.
    ///   - title: what a pointer over it shows.
    package init(_ time: ChartTime, _ value: Double, _ shape: MarkShape, name: String? = nil, title: String) {
      self.time = time
      self.value = value
      self.shape = shape
      self.name = name ?? shape.name
      self.title = title
    }
  }

  /// A time during which something was held.
  package struct Span: Sendable {
    package let from: ChartTime
    let until: ChartTime

    package init(from: ChartTime, until: ChartTime) {
      self.from = from
      self.until = until
    }
  }

  enum Key: Sendable {
    case line(Style.Colour, isDashed: Bool)
    case bar(Style.Colour)
    case sign(Sign, Style.Colour)
    case mark(MarkShape)
    case span
  }

  let title: String
  let format: ValueFormat
  let share: Double
  let includesZero: Bool
  let isLogarithmic: Bool
  let lines: [Line]
  let candles: [ChartCandle]
  let marks: [Mark]
  let spans: [Span]
  /// Of each line that has bars, what they are.
  let bars: [[Bar]]
  private let spanName: String
  private let candleName: String

  /// - Parameters:
  ///   - share: of the height, compared with the other panels.
  ///   - includesZero: zero belongs onto the scale.
  ///   - isLogarithmic: equal distances are equal ratios, as long as all values are positive.
  ///   - isStacked: bars of the same time stand on each other, those below zero hang below each other.
  ///   - candles, marks, spans: in the order of their times.
  ///   - spanName, candleName: their names in the legend and the hover.
  package init(
    _ title: String = "", _ format: ValueFormat, share: Double = 1, includesZero: Bool = false,
    isLogarithmic: Bool = false, isStacked: Bool = false, lines: [Line] = [],
    candles: [ChartCandle] = [], candleName: String = "", marks: [Mark] = [], spans: [Span] = [], spanName: String = ""
  ) {
    self.title = title
    self.format = format
    self.share = share
    self.includesZero = includesZero || lines.contains(where: \.hasBars)
    self.isLogarithmic = isLogarithmic
    self.lines = lines
    bars = Bar.bars(of: lines, isStacked: isStacked)
    self.candles = candles
    self.candleName = candleName
    self.marks = marks
    self.spans = spans
    self.spanName = spanName
  }

  // MARK: What it shows

  var isEmpty: Bool {
    candles.isEmpty && marks.isEmpty
      && !lines.contains { $0.points.contains { $0.value.magnitude < ValueScale.limit } }
  }

  var candleTimes: [ChartTime] { candles.map(\.time) }

  var times: [ChartTime] {
    if !candles.isEmpty { return candleTimes }
    if lines.count == 1 { return lines[0].points.map(\.time) }
    return Set(lines.flatMap { $0.points.map(\.time) } + marks.map(\.time)).sorted()
  }

  var values: [Double] {
    lines.lazy.filter { !$0.hasBars }.flatMap { $0.points.lazy.map(\.value) } + bars.joined().map(\.end)
      + candles.flatMap { [$0.low, $0.high] } + marks.map(\.value)
  }

  var legend: [(name: String, key: Key)] {
    var result = lines.filter { !$0.name.isEmpty }.map { line in
      switch line.drawing {
      case .line, .area: (line.name, Key.line(line.colour, isDashed: false))
      case .dashed: (line.name, Key.line(line.colour, isDashed: true))
      case .points(let sign): (line.name, Key.sign(sign, line.colour))
      case .bars: (line.name, Key.bar(line.colour))
      }
    }
    for shape in MarkShape.allCases {
      if let mark = marks.first(where: { $0.shape == shape }) { result.append((mark.name, .mark(shape))) }
    }
    if !spans.isEmpty, !spanName.isEmpty { result.append((spanName, .span)) }
    return result
  }

  /// What a pointer at this time shows.
  func texts(at time: ChartTime) -> [String] {
    var result: [String] = []
    if let place = Self.last(candles.count, { candles[$0].time <= time }) {
      result.append(candles[place].text(format, name: candleName))
    }
    for line in lines {
      guard let place = Self.last(line.points.count, { line.points[$0].time <= time }) else { continue }
      // A line is what it was last; a bar and a point are of their own time alone.
      switch line.drawing {
      case .line, .dashed, .area: break
      case .points, .bars: if line.points[place].time != time { continue }
      }
      let value = format.text(line.points[place].value)
      let name = line.name.isEmpty ? title : line.name
      result.append(name.isEmpty ? value : "\(name) \(value)")
    }
    return result
  }

  /// The last place for which a condition holds that holds for all before it.
  private static func last(_ count: Int, _ holds: (Int) -> Bool) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }

  // MARK: Drawing

  func draw(_ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    drawSpans(time, scale, into: &markup)
    for (line, bars) in zip(lines, bars) {
      switch line.drawing {
      case .line, .dashed, .area: draw(line, time, scale, into: &markup)
      case .points(let sign): draw(line, as: sign, time, scale, into: &markup)
      case .bars(let seconds): draw(bars, line.colour, seconds: seconds, time, scale, into: &markup)
      }
    }
    for candle in candles { candle.draw(time, scale, into: &markup) }
    drawMarks(time, scale, into: &markup)
  }

  private func draw(_ line: Line, _ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    let points = Thinning.columns(line.points.lazy.map { Thinning.Point(x: time.position($0.time), y: $0.value) })
    var runs: [[Thinning.Point]] = [[]]
    for point in points {
      if point.y.isNaN { runs.append([]) } else { runs[runs.count - 1].append(point) }
    }
    let base = scale.position(scale.low > 0 || scale.high < 0 ? (scale.low > 0 ? scale.low : scale.high) : 0)
    for run in runs where !run.isEmpty {
      if run.count == 1 {
        markup.element(
          "circle",
          [
            "class": "dot c\(line.colour.rawValue)", "cx": String(pixel: run[0].x),
            "cy": String(pixel: scale.position(run[0].y)), "r": "2.5",
          ])
        continue
      }
      let path = run.map { "\(String(pixel: $0.x)) \(String(pixel: scale.position($0.y)))" }.joined(separator: "L")
      if line.drawing == .area {
        let (left, right) = (String(pixel: run[0].x), String(pixel: run[run.count - 1].x))
        let base = String(pixel: base)
        markup.element(
          "path", ["class": "area c\(line.colour.rawValue)", "d": "M\(left) \(base)L\(path)L\(right) \(base)Z"])
      }
      let dashed = line.drawing == .dashed ? " dashed" : ""
      markup.element("path", ["class": "line c\(line.colour.rawValue)\(dashed)", "d": "M\(path)"])
    }
  }

  private func drawSpans(_ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    var joined: [(left: Double, right: Double)] = []
    for span in spans {
      let left = time.position(span.from)
      let right = max(time.position(span.until), left + 1)
      if let last = joined.last, left <= last.right + 0.2 {
        joined[joined.count - 1].right = max(last.right, right)
      } else {
        joined.append((left, right))
      }
    }
    for span in joined {
      markup.rectangle(
        x: span.left, y: scale.top, width: span.right - span.left, height: scale.bottom - scale.top, class: "span")
    }
  }

  /// Marks of the same kind that would cover each other are one, which says how many it is.
  private func drawMarks(_ time: TimeScale, _ scale: ValueScale, into markup: inout Markup) {
    for shape in MarkShape.allCases {
      var group: [(x: Double, y: Double, title: String)] = []
      func flush() {
        guard let first = group.first else { return }
        let title =
          group.count == 1
          ? first.title
          : "\(group.count) times: " + group.prefix(5).map(\.title).joined(separator: "; ")
            + (group.count > 5 ? "; …" : "")
        let y = group.reduce(0) { $0 + $1.y } / Double(group.count)
        // Beside the price, but within the plot.
        let place = min(max(y + shape.offset, scale.top + 6), scale.bottom - 6)
        shape.draw(x: first.x, y: place, title: title, into: &markup)
        group = []
      }
      for mark in marks where mark.shape == shape && mark.value.magnitude < ValueScale.limit {
        let x = time.position(mark.time)
        if let first = group.first, x - first.x >= 4 { flush() }
        group.append((x, scale.position(mark.value), mark.title))
      }
      flush()
    }
  }
}
