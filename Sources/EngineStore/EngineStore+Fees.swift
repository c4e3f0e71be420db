import LibPQ
import TradingCore

extension EngineStore {
  /// What a part of a fee is due on.
  package enum FeeBasis: String {
    case traded, intrinsic, settlement
  }

  /// All dated terms by which these portfolios are charged for these instruments, by the portfolios' fee schedule.
  package nonisolated(nonsending) func feePlans(
    _ portfolios: [Int32], for instruments: [Int32], on basis: FeeBasis = .traded
  ) async throws -> [String: FeePlan] {
    let rows = try await connection.execute(
      """
      SELECT p.fee_schedule, i.kind, i.exchange_id, market.day_start(i.exchange_id, greatest(f.valid_from, '0001-01-03')), l.component, l.side, l.product,
             l.per_share, l.per_order, l.percent, l.maker_percent, l.minimum, l.maximum, l.maximum_percent, l.decimals,
             (SELECT string_agg(b::text, ' ' ORDER BY b) FROM unnest(l.percent_of) AS b)
        FROM (SELECT DISTINCT n.fee_schedule FROM trading.portfolios AS n WHERE n.portfolio_id = ANY ($1)) AS p
        CROSS JOIN (SELECT DISTINCT n.kind, n.exchange_id FROM market.instruments AS n WHERE n.instrument_id = ANY ($2)) AS i
        JOIN trading.fee_schedules AS f
          ON f.name = trading.planned_schedule(p.fee_schedule, i.kind, i.exchange_id) AND f.valid_from < '9999-01-01'
        LEFT JOIN LATERAL unnest(CASE $3 WHEN 'traded' THEN f.lines ELSE f.exercise_lines END) AS l ON l.basis = $3::trading.fee_basis
      """, [.int4s(portfolios), .int4s(instruments), .text(basis.rawValue)])
    var lines: [String: [FeePlan.Group: [Timestamp: [FeeLine]]]] = [:]
    for row in rows {
      let group = FeePlan.Group(kind: try word(InstrumentKind(sql: row[1].string)), exchange: try row[2].int32)
      // A date may have no lines: then nothing is due from it on.
      let line = try row[4].isNull ? [] : [feeLine(row)]
      lines[try row[0].string, default: [:]][group, default: [:]][try row[3].time, default: []] += line
    }
    return lines.mapValues { groups in
      FeePlan(
        groups.mapValues { terms in
          FeeHistory(terms.map { (begin: $0.key, schedule: FeeSchedule(lines: $0.value)) })
        })
    }
  }

  private func feeLine(_ row: Row) throws -> FeeLine {
    try FeeLine(
      feeComponent(row[4].string), side: row[5].ifPresent.map { try word(Side(sql: $0.string)) },
      product: row[6].ifPresent.map { try word(Product(sql: $0.string)) }, perShare: row[7].price,
      perOrder: row[8].money, percent: row[9].ratio, makerPercent: row[10].ifPresent.map { try $0.ratio },
      minimum: row[11].money, maximum: row[12].ifPresent.map { try $0.money },
      maximumPercent: row[13].ifPresent.map { try $0.ratio }, decimals: Int(row[14].int32),
      percentOf: row[15].ifPresent.map { try $0.string.split(separator: " ").map { try feeComponent(String($0)) } })
  }

  /// By its place in trading.fee_component, from one.
  private func feeComponent(_ place: String) throws -> FeeComponent {
    guard let place = Int(place), FeeComponent.allCases.indices.contains(place - 1) else {
      throw StoreError("a fee component that this version does not know")
    }
    return FeeComponent.allCases[place - 1]
  }

  private func word<Word>(_ word: Word?) throws -> Word {
    guard let word else { throw StoreError("a word that this version does not know") }
    return word
  }
}
