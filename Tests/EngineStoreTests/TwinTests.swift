import LibPQ
import TestSupport
import Testing
import TradingCore

@testable import EngineStore

/// What is computed in SQL and in Swift, on the same random input: equal to the last digit.
@Suite(.needsServer, .commonTimeLimit)
struct TwinTests {
  private static let schedules = 40
  private static let plans = 15
  private static let days = ["-infinity", "2024-01-08", "2024-07-01"]
  /// In their order the instruments 1, 2, …: kinds and exchanges whose days begin at 05:00 UTC, 18:30 and 22:00 of the eve.
  private static let groups = ["US", "NSE", "FX"].flatMap { exchange in
    [InstrumentKind.equity, .etf, .future, .crypto, .fx].map { (kind: $0, exchange: exchange) }
  }
  /// Around the beginning of 2024-01-08 at each of them, and elsewhere.
  private static let times = [
    "2023-12-31T23:59:59.999999Z", "2024-01-07T18:29:59.999999Z", "2024-01-07T18:30:00Z", "2024-01-07T21:59:59.999999Z",
    "2024-01-07T22:00:00Z", "2024-01-08T00:00:00Z", "2024-01-08T04:59:59.999999Z", "2024-01-08T05:00:00Z",
    "2024-03-01T12:00:00Z", "2024-06-30T17:59:59Z", "2024-12-31T09:15:00Z",
  ]

  @Test func feesInSQLAndSwiftAreEqual() async throws {
    var random = SeededGenerator(seed: 1)
    let script = Self.makeSchedules(&random)
    try await TestDatabase.withSchema(script) { _, connection in
      let (plans, groups) = try await Self.load(connection)
      #expect(plans.count == Self.schedules + Self.plans)
      var calls: [String] = []
      var expected: [String] = []
      var charged = 0
      for _ in 0..<1200 {
        let name = Self.name(&random)
        let (side, product) = (random.pick(Side.allCases), random.pick(Product.allCases))
        let (day, instrument) = (random.pick(Self.times), Int.random(in: 0..<groups.count, using: &random))
        let schedule = try plans[name]?.schedule(of: groups[instrument], at: Timestamp(day))
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
          calls.append(
            "('\(name)', '\(day)', '\(side)', '\(product)', \(quantity), \(value), \(maker), \(instrument + 1))")
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
          FROM (VALUES \(calls.joined(separator: ",\n"))) AS c (schedule, at, side, product, quantity, value, maker, instrument_id)
          JOIN market.instruments AS i USING (instrument_id)
          CROSS JOIN LATERAL (SELECT trading.order_fees(c.schedule, c.at::timestamptz, c.side::trading.order_side, c.product::trading.product,
                                                        c.quantity, c.value, c.maker, i.kind, i.exchange_id) AS fees) AS l
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
      let (plans, groups) = try await Self.load(connection)
      var calls: [String] = []
      var expected: [String] = []
      while calls.count < 3000 {
        let name = Self.name(&random)
        let (day, instrument) = ("2024-12-31T09:15:00Z", Int.random(in: 0..<groups.count, using: &random))
        // What a plan says nothing of is not bought.
        guard let fees = try plans[name]?.schedule(of: groups[instrument], at: Timestamp(day)) else { continue }
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
          \(terms.tickSize), \(terms.lot), \(terms.multiplier), '\(name)', '\(day)', \(instrument + 1))
          """)
        expected.append(try sizing.quantity(figures, account: account, terms: terms).description)
      }
      let rows = try await connection.query(
        """
        SELECT trim_scale(trading.size_quantity(c.sizing::jsonb, c.price, c.stop, c.range, c.deviation, c.equity, c.cash, c.tick, c.lot, c.multiplier, c.schedule,
                                                c.at::timestamptz, i.kind, i.exchange_id))
          FROM (VALUES \(calls.joined(separator: ",\n")))
               AS c (sizing, price, stop, range, deviation, equity, cash, tick, lot, multiplier, schedule, at, instrument_id)
          JOIN market.instruments AS i USING (instrument_id)
        """)
      let answers = try rows.map { try $0[0].string }
      for (index, answer) in answers.enumerated() where answer != expected[index] {
        Issue.record("\(calls[index]): SQL \(answer), Swift \(expected[index])")
      }
      #expect(answers.count == 3000 && answers.count { $0 != "0" } > 1000)
    }
  }

  // MARK: Random schedules

  private static func name(_ random: inout SeededGenerator) -> String {
    let number = Int.random(in: 0..<(schedules + plans), using: &random)
    return number < schedules ? "s\(number)" : "m\(number - schedules)"
  }

  private static func load(_ connection: Connection) async throws -> ([String: FeePlan], [FeePlan.Group]) {
    let plans = try await EngineStore(connection).feePlans(
      (1...Int32(schedules + Self.plans)).map { $0 }, for: (1...Int32(groups.count)).map { $0 })
    let exchanges = try await connection.query(
      "SELECT i.exchange_id FROM market.instruments AS i ORDER BY i.instrument_id")
    return (
      plans, try zip(groups, exchanges).map { FeePlan.Group(kind: $0.kind, exchange: try $1[0].int32) }
    )
  }

  /// Schedules `s0`, `s1`, … with random terms at several dates, plans `m0`, `m1`, … of them, and a portfolio for each.
  private static func makeSchedules(_ random: inout SeededGenerator) -> String {
    var script = ""
    for (number, group) in groups.enumerated() {
      script +=
        "SELECT market.add_instrument(symbol => 'I\(number)', exchange => '\(group.exchange)', kind => '\(group.kind)');\n"
    }
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
    for plan in 0..<plans {
      for _ in 0..<6 {
        let kind = random.chance(0.2) ? "NULL" : "'\(random.pick(groups).kind)'"
        let exchange = random.chance(0.6) ? "NULL" : "market.exchange_id('\(random.pick(groups).exchange)')"
        script += """
          INSERT INTO trading.fee_plans (name, kind, exchange_id, fee_schedule)
          VALUES ('m\(plan)', \(kind), \(exchange), 's\(Int.random(in: 0..<schedules, using: &random))') ON CONFLICT DO NOTHING;

          """
      }
      script +=
        "SELECT trading.create_portfolio(name => 'm\(plan)', fee_schedule => 'm\(plan)', at => '2024-01-01');\n"
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
}
