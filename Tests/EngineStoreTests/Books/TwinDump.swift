import LibPQ

@testable import EngineStore
@testable import TradingCore

/// Everything that both kinds of books know, as lines of text.
enum TwinDump {
  static func sql(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      """
      WITH us (f) AS (VALUES (timestamptz '2000-01-01 00:00Z'))
      SELECT x.line FROM us CROSS JOIN LATERAL (
        SELECT 1 AS part, o.portfolio_id, o.order_id AS id, concat_ws('|', 'order', o.portfolio_id, o.order_id, o.client_order_id, o.agent_id, o.instrument_id, o.side, o.type,
                 trim_scale(o.quantity), trim_scale(o.limit_price), trim_scale(o.stop_price), o.reduce_only, o.oco_group_id, o.oco_leg, o.replaces_order_id,
                 o.status, o.reason_code, o.reason, 'filled', trim_scale(o.filled_quantity), trim_scale(o.filled_value), trim_scale(o.maker_value),
                 trim_scale(o.average_fill_price), trim_scale(o.fees), 'reserved', trim_scale(o.reserved), trim_scale(o.opening_quantity), trim_scale(o.reserve_price),
                 extract(epoch FROM o.submitted_at - f), extract(epoch FROM o.updated_at - f), extract(epoch FROM o.triggered_at - f), extract(epoch FROM o.closed_at - f)) AS line
          FROM trading.orders AS o
        UNION ALL
        SELECT 2, x.portfolio_id, x.fill_id, concat_ws('|', 'fill', x.portfolio_id, x.fill_id, x.order_id, x.instrument_id, x.side, trim_scale(x.quantity), trim_scale(x.price),
                 trim_scale(x.value), trim_scale(x.fee), x.liquidity, trim_scale(x.closed_quantity), trim_scale(x.realised_pnl), trim_scale(x.fifo_pnl), extract(epoch FROM x.at - f))
          FROM trading.fills AS x
        UNION ALL
        SELECT 3, c.portfolio_id, row_number() OVER (ORDER BY c.closed_at, c.fill_id, c.instrument_id, c.lot_fill_id),
               concat_ws('|', 'closure', c.portfolio_id, c.fill_id, c.lot_fill_id, c.instrument_id, trim_scale(c.quantity), trim_scale(c.cost), trim_scale(c.value),
                         trim_scale(c.settled_pnl), extract(epoch FROM c.opened_at - f), extract(epoch FROM c.closed_at - f))
          FROM trading.lot_closures AS c
        UNION ALL
        SELECT 4, p.portfolio_id, p.instrument_id, concat_ws('|', 'position', p.portfolio_id, p.instrument_id, trim_scale(p.quantity), trim_scale(p.cost), trim_scale(p.margin),
                 trim_scale(p.realised_pnl), trim_scale(p.fifo_pnl), trim_scale(p.fees), trim_scale(p.market_value), trim_scale(p.open_buy_quantity), trim_scale(p.open_sell_quantity),
                 (SELECT string_agg(concat_ws('/', l.fill_id, trim_scale(l.quantity), trim_scale(l.cost), trim_scale(l.settled_pnl)), ' ' ORDER BY l.fill_id) FROM trading.lots AS l
                   WHERE l.portfolio_id = p.portfolio_id AND l.instrument_id = p.instrument_id))
          FROM trading.positions AS p
        UNION ALL
        SELECT 5, v.portfolio_id, 0, concat_ws('|', 'worth', v.portfolio_id, trim_scale(a.cash), trim_scale(a.available), trim_scale(a.margin), trim_scale(v.equity),
                 trim_scale(v.net_deposits), trim_scale(v.base_equity), trim_scale(v.base_index), trim_scale(v.peak), trim_scale(v.limit_peak), extract(epoch FROM k.marked_until - f))
          FROM trading.portfolio_values AS v JOIN trading.accounts('{1,2}') AS a USING (portfolio_id) JOIN ledger.portfolio_clocks AS k USING (portfolio_id)
        UNION ALL
        SELECT 6, m.portfolio_id, extract(epoch FROM m.at - f)::bigint, concat_ws('|', 'mark', m.portfolio_id, extract(epoch FROM m.at - f), trim_scale(m.profit), trim_scale(m.index))
          FROM risk.period_marks AS m
         -- Who has no limit of losses in memory keeps none.
         WHERE EXISTS (SELECT FROM risk.limits AS l WHERE l.metric BETWEEN 'daily_loss' AND 'weekly_loss_share')
        UNION ALL
        SELECT 7, s.portfolio_id, extract(epoch FROM s.at - f)::bigint, concat_ws('|', 'snapshot', s.portfolio_id, s.day - date '2000-01-01', extract(epoch FROM s.at - f), trim_scale(s.cash), trim_scale(s.margin),
                 trim_scale(s.positions_value), trim_scale(s.equity), trim_scale(s.index), trim_scale(s.drawdown))
          FROM trading.portfolio_snapshots AS s
        UNION ALL
        SELECT 8, b.portfolio_id, b.order_id * 1000 + b.number, concat_ws('|', 'breach', b.portfolio_id, b.order_id, b.code, b.scope, b.limit_id, b.metric, trim_scale(b.figure),
                 trim_scale(b.bound), b.action, b.reason, extract(epoch FROM b.at - f))
          FROM risk.breaches AS b
        UNION ALL
        SELECT 9, c.portfolio_id, c.transfer_id, concat_ws('|', 'borrow', c.portfolio_id, c.instrument_id, trim_scale(-c.amount), extract(epoch FROM c.at - f))
          FROM trading.borrow_charges AS c WHERE c.amount > 0) AS x
       ORDER BY x.part, x.portfolio_id, x.id
      """
    ).map { try $0[0].string }
  }

  /// The first of them.
  static func differences(_ memory: [String], _ sql: [String]) -> [String] {
    var differences: [String] = []
    for (mine, other) in zip(memory, sql) where mine != other && differences.count < 6 {
      differences.append("memory \(mine)\n   SQL \(other)")
    }
    if memory.count != sql.count { differences.append("\(memory.count) lines in memory, \(sql.count) in SQL") }
    return differences
  }

  static func memory(_ books: MemoryBooks, _ instruments: [BooksInstrument]) -> [String] {
    var lines: [String] = []
    func seconds(_ time: Timestamp?) -> String? {
      time.map { String(format6: $0.microseconds) }
    }
    func join(_ parts: [Any?]) -> String {
      parts.compactMap { $0 }.map { "\($0)" }.joined(separator: "|")
    }
    for part in 1...9 {
      for portfolio in books.portfolios {
        let id = portfolio.id
        switch part {
        case 1:
          for o in portfolio.orders {
            lines.append(
              join([
                "order", id, o.number, o.clientOrderID, o.agent, o.instrument, o.side, o.terms.type, o.quantity,
                o.terms.limitPrice, o.terms.stopPrice, o.isReduceOnly ? "t" : "f", o.exclusion?.group, o.exclusion?.leg,
                o.replaces, o.status, o.code, o.reason, "filled", o.filled, o.filledValue, o.makerValue, o.averagePrice,
                o.fees, "reserved", o.reserved, o.opening, o.reservePrice, seconds(o.submittedAt), seconds(o.updatedAt),
                seconds(o.triggeredAt), seconds(o.closedAt),
              ]))
          }
        case 2:
          for f in portfolio.fills {
            lines.append(
              join([
                "fill", id, f.number, f.order, f.instrument, f.side, f.quantity, f.price, f.value, f.fee, f.liquidity,
                f.closed, f.realised, f.realisedFirstIn, seconds(f.at),
              ]))
          }
        case 3:
          let closures = portfolio.closures.sorted {
            ($0.closedAt, $0.fill, $0.instrument, $0.lot) < ($1.closedAt, $1.fill, $1.instrument, $1.lot)
          }
          for c in closures {
            lines.append(
              join([
                "closure", id, c.fill, c.lot, c.instrument, c.quantity, c.cost, c.value, c.settled, seconds(c.openedAt),
                seconds(c.closedAt),
              ]))
          }
        case 4:
          for place in instruments.indices {
            let p = portfolio.position(place)
            if !p.isKnown { continue }
            let lots = p.lots.all.map { "\($0.fill)/\($0.quantity)/\($0.cost)/\($0.settled)" }
            lines.append(
              join([
                "position", id, instruments[place].terms.id, p.quantity, p.cost, p.margin, p.realised,
                p.realisedFirstIn,
                p.fees, p.marketValue, p.openBuys, p.openSells, lots.isEmpty ? nil : lots.joined(separator: " "),
              ]))
          }
        case 5:
          let worth = portfolio.worth
          lines.append(
            join([
              "worth", id, portfolio.cash, portfolio.available, portfolio.margin, portfolio.equity, worth.netDeposits,
              worth.baseEquity, worth.baseIndex.text, worth.peak.text, worth.limitPeak.text,
              seconds(portfolio.markedUntil),
            ]))
        case 6:
          for m in portfolio.marks.sorted(by: { $0.at < $1.at }) {
            lines.append(join(["mark", id, seconds(m.at), m.profit, m.index.text]))
          }
        case 7:
          for s in portfolio.snapshots {
            lines.append(
              join([
                "snapshot", id, books.day(of: s, in: portfolio), seconds(s.at), s.cash, s.margin, s.positionsValue,
                s.equity, s.index.text, s.drawdown,
              ]))
          }
        case 8:
          for b in portfolio.breaches {
            lines.append(
              join([
                "breach", id, b.order, b.code, b.scope, b.limit, b.metric, b.figure, b.bound, b.action, b.reason,
                seconds(b.at),
              ]))
          }
        default:
          for c in portfolio.payments where c.kind == .borrow {
            lines.append(join(["borrow", id, c.instrument, c.amount, seconds(c.at)]))
          }
        }
      }
    }
    return lines
  }
}

extension String {
  /// Seconds with six decimals.
  fileprivate init(format6 microseconds: Int64) {
    let fraction = "\(microseconds % 1_000_000)"
    self = "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.utf8.count))\(fraction)"
  }
}

extension ReturnIndex {
  /// Without needless zeros.
  fileprivate var text: String {
    let whole = raw / ReturnIndex.unit
    var fraction = "\(raw % ReturnIndex.unit)"
    fraction = String(repeating: "0", count: 28 - fraction.utf8.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)"
  }
}
