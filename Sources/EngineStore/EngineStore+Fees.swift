import LibPQ
import TradingCore

extension EngineStore {
  /// All dated terms of the fee schedules that these portfolios use, by the schedule's name.
  package nonisolated(nonsending) func feeHistories(_ portfolios: [Int32]) async throws -> [String: FeeHistory] {
    let rows = try await connection.execute(
      """
      SELECT f.name, greatest(f.valid_from::timestamp, '0001-01-01') AT TIME ZONE 'UTC', l.component, l.side, l.product, l.per_share, l.per_order, l.percent,
             l.maker_percent, l.minimum, l.maximum, l.maximum_percent, l.decimals,
             (SELECT string_agg(b::text, ' ' ORDER BY b) FROM unnest(l.percent_of) AS b)
        FROM trading.fee_schedules AS f CROSS JOIN LATERAL unnest(f.lines) AS l
       WHERE f.name IN (SELECT p.fee_schedule FROM trading.portfolios AS p WHERE p.portfolio_id = ANY ($1)) AND f.valid_from < '9999-01-01'
       ORDER BY f.name, f.valid_from
      """, [.int4s(portfolios)])
    var lines: [String: [Timestamp: [FeeLine]]] = [:]
    for row in rows { lines[try row[0].string, default: [:]][try row[1].time, default: []].append(try feeLine(row)) }
    return lines.mapValues { terms in
      FeeHistory(terms.map { (begin: $0.key, schedule: FeeSchedule(lines: $0.value)) })
    }
  }

  private func feeLine(_ row: Row) throws -> FeeLine {
    try FeeLine(
      feeComponent(row[2].string), side: row[3].ifPresent.map { try word(Side(sql: $0.string)) },
      product: row[4].ifPresent.map { try word(Product(sql: $0.string)) }, perShare: row[5].price,
      perOrder: row[6].money, percent: row[7].ratio, makerPercent: row[8].ifPresent.map { try $0.ratio },
      minimum: row[9].money, maximum: row[10].ifPresent.map { try $0.money },
      maximumPercent: row[11].ifPresent.map { try $0.ratio }, decimals: Int(row[12].int32),
      percentOf: row[13].ifPresent.map { try $0.string.split(separator: " ").map { try feeComponent(String($0)) } })
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
