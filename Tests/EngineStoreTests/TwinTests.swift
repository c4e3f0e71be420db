import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore

/// What is computed in SQL and in Swift, on the same random input: equal to the last digit.
@Suite(.needsServer, .commonTimeLimit)
struct TwinTests {
  private static let schedules = 40
  private static let days = ["-infinity", "2024-01-08", "2024-07-01"]

  @Test func feesInSQLAndSwiftAreEqual() async throws {
    var random = SeededGenerator(seed: 1)
    let script = Self.makeSchedules(&random)
    try await TestDatabase.withSchema(script) { _, connection in
      let histories = try await EngineStore(connection).feeHistories((1...Int32(Self.schedules)).map { $0 })
      #expect(histories.count == Self.schedules)
      var calls: [String] = []
      var expected: [String] = []
      var charged = 0
      for _ in 0..<1200 {
        let name = "s\(Int.random(in: 0..<Self.schedules, using: &random))"
        let (side, product) = (random.pick(Side.allCases), random.pick(Product.allCases))
        let day = random.pick([
          "2023-12-31T23:59:59.999999Z", "2024-01-08T00:00:00Z", "2024-03-01T12:00:00Z", "2024-12-31T09:15:00Z",
        ])
        let schedule = try histories[name]?.schedule(at: Timestamp(day))
        var quantity = Quantity.zero
        var value = Money.zero
        var maker = Money.zero
        var before: [Money] = []
        // One order, fill by fill.
        for _ in 0..<4 {
          try quantity += random.number(below: 7) as Quantity
          let part: Money = random.number(below: 9)
          try value += part
          if random.chance(0.4) { try maker += part }
          calls.append("('\(name)', '\(day)', '\(side)', '\(product)', \(quantity), \(value), \(maker))")
          guard let schedule else {
            expected.append("none")
            continue
          }
          let fees = try schedule.fees(
            side: side, product: product, quantity: quantity, value: value, makerValue: maker)
          for (index, fee) in before.enumerated() { #expect(fees[index] >= fee) }
          if fees.contains(where: \.isPositive) { charged += 1 }
          expected.append(fees.map(\.description).joined(separator: " "))
          before = quantity.isZero ? [] : fees
        }
      }
      let rows = try await connection.query(
        """
        SELECT coalesce((SELECT string_agg(trim_scale(f)::text, ' ' ORDER BY n) FROM unnest(l.fees) WITH ORDINALITY AS u (f, n)), 'none')
          FROM (VALUES \(calls.joined(separator: ",\n"))) AS c (schedule, at, side, product, quantity, value, maker)
          CROSS JOIN LATERAL (SELECT trading.order_fees(c.schedule, c.at::timestamptz, c.side::trading.order_side, c.product::trading.product,
                                                        c.quantity, c.value, c.maker) AS fees) AS l
        """)
      let answers = try rows.map { try $0[0].string }
      for (index, answer) in answers.enumerated() where answer != expected[index] {
        Issue.record("\(calls[index]): SQL \(answer), Swift \(expected[index])")
      }
      #expect(answers.count == 4800 && charged > 2000 && expected.contains("none"))
    }
  }

  @Test func sizesInSQLAndSwiftAreEqual() async throws {
    var random = SeededGenerator(seed: 2)
    let script = Self.makeSchedules(&random)
    try await TestDatabase.withSchema(script) { _, connection in
      let histories = try await EngineStore(connection).feeHistories((1...Int32(Self.schedules)).map { $0 })
      var calls: [String] = []
      var expected: [String] = []
      while calls.count < 3000 {
        let name = "s\(Int.random(in: 0..<Self.schedules, using: &random))"
        let day = "2024-12-31T09:15:00Z"
        let fees = try #require(histories[name]?.schedule(at: Timestamp(day)))
        func ratio(_ digits: Int) -> Ratio { random.number(below: digits) }
        let json = [
          #"{"method":"fixed_quantity","quantity":\#(random.number(below: 5) as Quantity)}"#,
          #"{"method":"fixed_value","value":\#(random.number(below: 6) as Money)}"#,
          #"{"method":"fixed_fractional","risk_percent":\#(ratio(2))}"#,
          #"{"method":"volatility","risk_percent":\#(ratio(2)),"atr_multiple":\#(ratio(1))}"#,
          #"{"method":"deviation","risk_percent":\#(ratio(1)),"deviations":\#(ratio(1)),"period":9}"#,
          #"{"method":"kelly","win_rate":\#(ratio(0)),"payoff":\#(ratio(2)),"fraction":\#(ratio(0)),"cap_percent":\#(ratio(2))}"#,
          #"{"method":"kelly","win_rate":0.\#(Int.random(in: 4...9, using: &random)),"payoff":\#(ratio(2))}"#,
        ].randomElement(using: &random)!
        // A figure of zero is refused by both.
        guard let sizing = try? PositionSizing(json: json) else { continue }
        let figures = PositionSizing.Figures(
          price: random.number(below: 4), stopDistance: random.number(below: 2),
          averageTrueRange: random.number(below: 2),
          deviation: random.number(below: 2))
        let account = AccountView(
          equity: random.number(below: 9), cash: random.number(below: 9), position: .zero, fees: fees)
        let terms = try TradingTerms(
          tickSize: Price(random.pick(["0.00000001", "0.01", "0.05", "0.25", "3"])),
          lot: Quantity(random.pick(["0.00000001", "0.001", "1", "25", "75"])),
          multiplier: Ratio(random.pick(["1", "0.1", "50", "0.00000007"])))
        calls.append(
          """
          ('\(json)', \(figures.price), \(figures.stopDistance), \(figures.averageTrueRange), \(figures.deviation), \(account.equity), \(account.cash), \
          \(terms.tickSize), \(terms.lot), \(terms.multiplier), '\(name)', '\(day)')
          """)
        expected.append(try sizing.quantity(figures, account: account, terms: terms).description)
      }
      let rows = try await connection.query(
        """
        SELECT trim_scale(trading.size_quantity(c.sizing::jsonb, c.price, c.stop, c.range, c.deviation, c.equity, c.cash, c.tick, c.lot, c.multiplier, c.schedule,
                                                c.at::timestamptz))
          FROM (VALUES \(calls.joined(separator: ",\n")))
               AS c (sizing, price, stop, range, deviation, equity, cash, tick, lot, multiplier, schedule, at)
        """)
      let answers = try rows.map { try $0[0].string }
      for (index, answer) in answers.enumerated() where answer != expected[index] {
        Issue.record("\(calls[index]): SQL \(answer), Swift \(expected[index])")
      }
      #expect(answers.count == 3000 && answers.count { $0 != "0" } > 1000)
    }
  }

  // MARK: Random schedules

  /// Schedules `s0`, `s1`, … with random terms at several dates, and a portfolio for each.
  private static func makeSchedules(_ random: inout SeededGenerator) -> String {
    var script = ""
    for schedule in 0..<schedules {
      for day in days where day == days[2] || random.chance(0.7) {
        script += insert("fee_schedules", schedule, day, figures(&random))
        for component in FeeComponent.allCases {
          for _ in 0..<2 where random.chance(0.4) {
            var columns = figures(&random)
            columns["component"] = "'\(component)'"
            columns["side"] = random.pick(["NULL", "'buy'", "'sell'"])
            columns["product"] = random.pick(["NULL", "'delivery'", "'intraday'", "'carry_forward'"])
            let bases = FeeComponent.allCases.filter { $0.index < component.index && random.chance(0.5) }
            if !bases.isEmpty, random.chance(0.4) {
              columns["maker_percent"] = "NULL"
              columns["percent_of"] = "'{\(bases.map(\.sql).joined(separator: ","))}'"
            }
            script += insert("fee_components", schedule, day, columns)
          }
        }
      }
      script +=
        "SELECT trading.create_portfolio(name => 's\(schedule)', fee_schedule => 's\(schedule)', at => '2024-01-01');\n"
    }
    return script
  }

  private static func insert(_ table: String, _ schedule: Int, _ day: String, _ columns: [String: String]) -> String {
    let pairs = columns.sorted { $0.key < $1.key }
    return """
      INSERT INTO trading.\(table) (name, valid_from, \(pairs.map(\.key).joined(separator: ", ")))
      VALUES ('s\(schedule)', '\(day)', \(pairs.map(\.value).joined(separator: ", "))) ON CONFLICT DO NOTHING;

      """
  }

  private static func figures(_ random: inout SeededGenerator) -> [String: String] {
    var columns = ["decimals": random.pick(["0", "2", "2", "8", "8"])]
    if random.chance(0.4) { columns["per_share"] = "\(random.number(below: 1) as Price)" }
    if random.chance(0.4) { columns["per_order"] = "\(random.number(below: 2) as Money)" }
    if random.chance(0.6) { columns["percent"] = "\(random.number(below: 2) as Ratio)" }
    if random.chance(0.3) { columns["maker_percent"] = "\(random.number(below: 1) as Ratio)" }
    let minimum: Money = random.number(below: 2)
    if random.chance(0.3) { columns["minimum"] = "\(minimum)" }
    if random.chance(0.3) { columns["maximum"] = "\(minimum) + \(random.number(below: 4) as Money)" }
    if random.chance(0.3) { columns["maximum_percent"] = "\(random.number(below: 2) as Ratio)" }
    return columns
  }
}

extension SeededGenerator {
  /// Of any size below a power of ten, and often with few decimals, so that ties and limits are met.
  mutating func number<Number: FixedPoint>(below digits: Int) -> Number {
    var bound: Number.Raw = 1
    let least = chance(0.2) ? 1 : digits + 4
    for _ in 0..<Int.random(in: least...(digits + 8), using: &self) { bound *= 10 }
    var raw = Number.Raw.random(in: 0..<bound, using: &self)
    if chance(0.5) { raw -= raw % 500_000 }
    return try! Number(raw: raw)
  }

  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

  mutating func pick<Element>(_ choices: [Element]) -> Element { choices.randomElement(using: &self)! }
}
