import Testing

@testable import Charts

struct GeometryTests {
  @Test(arguments: [
    (0.0, 1.0, 0.0), (1, 1, 1), (1.01, 2, 0), (3, 5, 0), (6, 10, 0), (0.03, 0.05, 0), (1_500, 2_000, 0),
  ])
  func stepsOfTicksAreNice(least: Double, step: Double, _: Double) {
    #expect((ValueScale.niceStep(atLeast: least) - step).magnitude < 1e-9 * step)
  }

  @Test func ticksLieWithinTheScaleAndAreMultiplesOfTheirStep() {
    let spans: [(low: Double, high: Double)] = [
      (0, 1), (-0.073, 0.021), (999_999, 1_000_003), (1e-7, 3e-7), (-5e12, 8e12),
    ]
    for (low, high) in spans {
      let scale = ValueScale([low, high], includesZero: false, bottom: 200, top: 0, ticks: 5)
      #expect((2...12).contains(scale.ticks.count), "\(low) to \(high): \(scale.ticks)")
      for tick in scale.ticks {
        #expect(tick >= scale.low && tick <= scale.high)
        #expect((tick / scale.step - (tick / scale.step).rounded()).magnitude < 1e-6)
      }
      #expect(scale.position(low) <= 200 && scale.position(high) >= 0)
      #expect(scale.position(low) > scale.position(high))
    }
  }

  @Test(arguments: [[5.0, 5], [0], [], [.nan, .infinity], [-3], [1e300, 2]])
  func valuesWithoutExtentHaveAScale(values: [Double]) {
    for includesZero in [false, true] {
      let scale = ValueScale(values, includesZero: includesZero, bottom: 100, top: 0, ticks: 4)
      #expect(scale.high > scale.low && scale.step > 0)
      #expect(scale.position(0).isFinite && !scale.ticks.isEmpty)
    }
  }

  @Test func equalRatiosAreEqualDistancesOnALogarithmicScale() {
    let scale = ValueScale([12, 700], includesZero: false, bottom: 200, top: 0, ticks: 5, isLogarithmic: true)
    #expect(scale.ticks == [20, 50, 100, 200, 500])
    let (one, other) = (scale.position(20) - scale.position(40), scale.position(200) - scale.position(400))
    #expect((one - other).magnitude < 1e-9 && one > 0)
    // Without positive values there is none.
    #expect(
      ValueScale([-1, 5], includesZero: false, bottom: 200, top: 0, ticks: 5, isLogarithmic: true).ticks.contains(0))
  }

  @Test func decadesHaveATickEach() {
    let scale = ValueScale([0.0004, 1.3], includesZero: false, bottom: 200, top: 0, ticks: 5, isLogarithmic: true)
    #expect(scale.ticks.map { scale.label($0, .duration) } == ["1\u{A0}ms", "10\u{A0}ms", "100\u{A0}ms", "1\u{A0}s"])
  }

  @Test func zeroIsOnTheScaleWhereItBelongs() {
    let scale = ValueScale([-0.2, -0.1], includesZero: true, bottom: 100, top: 0, ticks: 4)
    #expect(scale.high == 0 && scale.position(0) == 0 && scale.ticks.contains(0))
  }

  @Test func thinningKeepsExtremesAndOrder() {
    let points = (0..<100_000).map { place in
      let wave = Double((place * 7_919) % 10_007)
      return Thinning.Point(x: Double(place) / 1_000, y: place == 55_555 ? 1e6 : (place == 44_444 ? -1e6 : wave))
    }
    let thin = Thinning.columns(points)
    #expect(thin.count <= 400)
    #expect(thin.first == points.first && thin.last == points.last)
    #expect(thin.map(\.y).max() == 1e6 && thin.map(\.y).min() == -1e6)
    #expect(zip(thin, thin.dropFirst()).allSatisfy { $0.x <= $1.x })
  }

  @Test func thinningKeepsGapsAndShortSeries() {
    let values: [Double] = [.nan, 1, 2, .nan, .nan, 3, .infinity]
    let thin = Thinning.columns(values.enumerated().map { Thinning.Point(x: Double($0.offset), y: $0.element) })
    #expect(thin.map { $0.y.isNaN ? "gap" : "\($0.y)" } == ["1.0", "2.0", "gap", "3.0"])
    #expect(Thinning.columns([Thinning.Point]()).isEmpty)
    #expect(Thinning.columns([Thinning.Point(x: 3, y: 4)]) == [Thinning.Point(x: 3, y: 4)])
  }

  @Test func candlesAreJoinedOnTheCalendar() {
    let day = ChartTime(year: 2012, month: 1, day: 2).day
    let candles = (0..<400).map { place in
      ChartCandle(
        ChartTime(day: day + place), open: Double(place), high: Double(place) + 2, low: Double(place) - 1,
        close: Double(place) + 1, volume: 10)
    }
    let (all, none) = ChartCandle.joined(candles, most: 400)
    #expect(all == candles && none == nil)
    let (joined, step) = ChartCandle.joined(candles, most: 60)
    #expect(step?.name == "1 week" && joined.count == 58)
    #expect(
      joined[1]
        == ChartCandle(ChartTime(day: day + 7), open: 7, high: 15, low: 6, close: 14, volume: 70))
    #expect(joined.reduce(0) { $0 + $1.volume } == 4_000)
    #expect(ChartCandle.joined(candles, most: 3).candles.count <= 3)
  }

  @Test func candlesWithoutPricesAreLeftOut() {
    let broken = ChartCandle(ChartTime(day: 1), open: 1, high: .nan, low: 1, close: 1)
    #expect(ChartCandle.joined([broken], most: 5).candles.isEmpty)
  }

  @Test func slotsLeaveOutNights() {
    let monday = ChartTime(year: 2024, month: 3, day: 4)
    let times = [0, 1, 4, 5].map { ChartTime(day: monday.day + $0) }
    let scale = TimeScale(slots: times, left: 0, right: 40)
    #expect(times.map(scale.position) == [5, 15, 25, 35])
    // What is between two candles belongs to the earlier one.
    #expect(scale.position(ChartTime(day: monday.day + 3)) == 15)
    #expect(scale.position(ChartTime(day: monday.day - 9)) == 5 && scale.position(ChartTime(day: 99_999)) == 35)
  }

  @Test func labelsOfTimesDoNotTouch() {
    let start = ChartTime(year: 2000, month: 1, day: 3).seconds
    let spans: [Double] = [1, 60, 7_200, 86_400, 777_600, 8_640_000, 69_120_000, 414_720_000, 4e9]
    for span in spans {
      for width: Double in [260, 840] {
        let scale = TimeScale(
          passing: [ChartTime(seconds: start), ChartTime(seconds: start + span)], left: 50, right: 50 + width)
        let ticks = scale.ticks()
        #expect((1...16).contains(ticks.count), "\(span) s in \(width)")
        for (one, next) in zip(ticks, ticks.dropFirst()) {
          #expect(next.position - one.position > Double(one.label.count + next.label.count) * 3.4)
        }
        for tick in ticks { #expect(tick.position >= 50 && tick.position <= 50 + width) }
      }
    }
  }

  @Test func classesOfAHistogramHoldEverything() {
    let values = (0..<500).map { Double(($0 * 37) % 101) / 10 - 4 } + [900, -700, .nan]
    let chart = Histogram("Trades", values, .number(), unit: "trades")
    #expect(chart.bins.reduce(0) { $0 + $1.count } == 502)
    #expect(chart.bins.count <= 60 && chart.bins.first?.isOpen == true && chart.bins.last?.isOpen == true)
    #expect(chart.bins.allSatisfy { !($0.low < -1e-9 && $0.high > 1e-9) }, "zero is a border")
  }

  @Test(arguments: [[], [4.0], [2, 2, 2], [0], [-1e-9, 1e-9], [1e200, 1]])
  func fewValuesHaveAHistogram(values: [Double]) {
    let chart = Histogram("Trades", values, .number(), unit: "trades")
    #expect(chart.bins.reduce(0) { $0 + $1.count } == values.count { $0 < 1e100 })
    #expect(!chart.svg(width: 400).text.contains("nan"))
  }
}
