import LibPQ
import TradingCore

extension EngineStore {
  /// The splits and dividends of these instruments, and of what the portfolios have held, that take effect after a time
  /// (nil: all), and those of before that the portfolios still have to meet.
  package nonisolated(nonsending) func actions(
    of instruments: [Int32], for portfolios: [Int32], after time: Timestamp?
  ) async throws -> (splits: [SessionSplit], dividends: [SessionDuty]) {
    let rows = try await connection.execute(
      """
      SELECT d.action_id, d.instrument_id, d.effective_at, d.numerator, d.denominator
        FROM trading.due_actions(
               $1, $2 || ARRAY(SELECT p.instrument_id FROM trading.positions AS p WHERE p.portfolio_id = ANY ($1)), $3) AS d
      """, [.int4s(portfolios), .int4s(instruments), .timestamptz(time?.microseconds)])
    return try Self.actions(in: rows)
  }

  /// Apart from the call that waits for them: the optimiser of Swift 6.3 fails on the typed throws in an async function.
  private static func actions(in rows: Rows) throws -> (splits: [SessionSplit], dividends: [SessionDuty]) {
    var splits: [SessionSplit] = []
    var dividends: [SessionDuty] = []
    for row in rows {
      let (id, at) = (try row[0].int32, try row[2].time)
      if try row[3].isNull {
        dividends.append(SessionDuty(.dividend(actionID: id), at: at))
      } else {
        let split = try StockSplit(numerator: try row[3].ratio, denominator: try row[4].ratio)
        splits.append(SessionSplit(actionID: id, instrument: try row[1].int32, split: split, effectiveAt: at))
      }
    }
    return (splits, dividends)
  }

  /// For each exchange where futures or options of these trade the end of the trading day that is to be settled next; none
  /// when no time is known.
  package nonisolated(nonsending) func settlements(
    of instruments: [Int32], for portfolios: [Int32], at time: Timestamp?
  ) async throws -> [SessionDuty] {
    guard let time else { return [] }
    let rows = try await connection.execute(
      "SELECT d.exchange_id, d.ends_at FROM trading.due_settlements($1, $2, $3) AS d",
      [.int4s(portfolios), .int4s(instruments), .timestamptz(time.microseconds)])
    return try rows.map { SessionDuty(.settlement(exchange: try $0[0].int32), at: try $0[1].time) }
  }

  /// Whether a price has come of a day for which a position is unsettled.
  package nonisolated(nonsending) func hasLatePrices(_ portfolios: [Int32], at time: Timestamp) async throws -> Bool {
    try await connection.execute(
      "SELECT trading.has_late_prices($1, $2)", [.int4s(portfolios), .timestamptz(time.microseconds)]
    ).only()[0].bool
  }

  /// Settles what had no price, as far as one has come since.
  package nonisolated(nonsending) func settleLate(_ portfolios: [Int32], at time: Timestamp) async throws {
    try await connection.execute(
      "SELECT count(*) FROM trading.settle_late($1, $2)", [.int4s(portfolios), .timestamptz(time.microseconds)])
  }
}

extension SessionStore {
  static func duty(_ duty: SessionDuty, _ portfolios: [Int32]) -> [Step] {
    switch duty.kind {
    case .dividend(let actionID):
      // Who owes one may lose open orders for it.
      return [
        Step(
          request: Request(
            "SELECT d.portfolio_id FROM trading.apply_dividend($1, $2, $3) AS d WHERE d.amount < 0",
            [.int4s(portfolios), .int4(actionID), .timestamptz(duty.at.microseconds)])
        ) { rows in Reading(changed: try rows.map { (try $0[0].int32, duty.at) }) }
      ]
    case .settlement(let exchange):
      return [
        Step(
          request: Request(
            "SELECT trading.settle_day($1, $2, $3)",
            [.int4s(portfolios), .int4(exchange), .timestamptz(duty.at.microseconds)])
        ) { rows in
          Reading(
            answers: try rows.compactMap { try $0[0].ifPresent.map { .due(SessionDuty(duty.kind, at: try $0.time)) } },
            changed: portfolios.map { ($0, duty.at) })
        },
        Step(
          request: Request(
            """
            SELECT p.portfolio_id, p.instrument_id, p.quantity, p.cost
              FROM trading.positions AS p JOIN market.instruments AS i USING (instrument_id)
             WHERE p.portfolio_id = ANY ($1) AND i.kind IN ('future', 'option')
            """, [.int4s(portfolios)])
        ) { rows in
          Reading(
            answers: try rows.map {
              .position(
                portfolio: try $0[0].int32, instrument: try $0[1].int32,
                SessionHolding(quantity: try $0[2].quantity, cost: try $0[3].money))
            })
        },
      ]
    }
  }
}
