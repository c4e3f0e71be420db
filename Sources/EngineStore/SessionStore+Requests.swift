import LibPQ
import TradingCore

/// The statements of a session's requests, and how their rows are read.
extension SessionStore {
  /// Names the paper fills in trading.fills.
  private static let broker = "paper"

  func statements(for requests: [SessionRequest]) -> [Step] {
    switch requests[0] {
    case .submit: [submit(requests.compactMap { if case .submit(let order) = $0 { order } else { nil } })]
    case .replace:
      [replace(requests.compactMap { if case .replace(let key, let order) = $0 { (key, order) } else { nil } })]
    case .end:
      [end(requests.compactMap { if case .end(let key, let ending, let at) = $0 { (key, ending, at) } else { nil } })]
    case .fill: [fill(requests.compactMap { if case .fill(let fill) = $0 { fill } else { nil } })]
    case .trigger:
      [Self.trigger(requests.compactMap { if case .trigger(let key, let at) = $0 { (key, at) } else { nil } })]
    case .trail:
      [
        Step(
          request: EngineStore.trailOrders(requests.compactMap { if case .trail(let stop) = $0 { stop } else { nil } }))
      ]
    case .signal: [Self.signal(requests.compactMap { if case .signal(let signal) = $0 { signal } else { nil } })]
    case .handled:
      [
        Step(
          request: EngineStore.handle(
            requests.compactMap {
              if case .handled(let signal, let number, let at) = $0 { (signal, number, at) } else { nil }
            }))
      ]
    // Done when all others are.
    case .recollect: [Step(request: Request("SELECT 1")) { _ in Reading() }]
    case .squareOff, .snapshot, .periods, .split, .duty, .span, .hours, .fail: Self.single(requests[0], portfolios)
    }
  }

  private func submit(_ orders: [SessionOrder]) -> Step {
    let request = Request(
      """
      SELECT \(BookedOrder.columns), o.status, o.reason_code
        FROM trading.submit_orders($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, true, $13, $14) AS o
      """,
      [
        .int4s(orders.map(\.portfolio)), .texts(orders.map(\.clientOrderID)), .int4s(orders.map(\.instrument)),
        .int4s(orders.map(\.agent)), .texts(orders.map(\.request.side.sql)),
        .texts(orders.map(\.request.terms.type.sql)),
        .texts(orders.map { _ in TimeInForce.goodTillCancelled.sql }),
        .numerics(orders.map(\.request.quantity.description)),
        .numerics(orders.map(\.request.terms.limitPrice?.description)),
        .numerics(orders.map(\.request.terms.stopPrice?.description)),
        .timestamptzs([Int64?](repeating: nil, count: orders.count)),
        .timestamptzs(orders.map(\.at.microseconds)), .bools(orders.map(\.request.isReduceOnly)),
        .int4s(orders.map { $0.request.ocoLeg.map(Int32.init) }),
      ])
    return Step(request: request) { [follows] rows in
      Reading(
        answers: try zip(orders, rows).map { order, row in
          guard let booked = try BookedOrder(openIn: row) else { return .rejected(order) }
          return .accepted(booked)
        },
        codes: try rows.compactMap { try $0["is_open"].bool ? nil : try $0["reason_code"].ifPresent?.string },
        steps: follows ? try zip(orders, rows).map { try OrderStep($0, $1) } : [])
    }
  }

  private func replace(_ replacements: [(key: OrderKey, by: SessionOrder)]) -> Step {
    let request = Request(
      """
      SELECT \(BookedOrder.columns), o.status, o.reason_code
        FROM trading.replace_orders($1, $2, $3, $4, $5, $6, $7, true) AS o
      """,
      [
        .int4s(replacements.map(\.key.portfolio)), .int8s(replacements.map(\.key.order)),
        .texts(replacements.map(\.by.clientOrderID)),
        .numerics(replacements.map(\.by.request.quantity.description)),
        .numerics(replacements.map(\.by.request.terms.limitPrice?.description)),
        .numerics(replacements.map(\.by.request.terms.stopPrice?.description)),
        .timestamptzs(replacements.map(\.by.at.microseconds)),
      ])
    return Step(request: request) { [follows] rows in
      Reading(
        answers: try zip(replacements, rows).map { replacement, row in
          guard let booked = try BookedOrder(openIn: row), booked.order.key != replacement.key else {
            return .rejected(replacement.by)
          }
          return .replaced(replacement.key, by: booked)
        },
        steps: follows ? try zip(replacements, rows).map { try OrderStep($0.by, $1, replacing: $0.key) } : [])
    }
  }

  private func end(_ endings: [(key: OrderKey, ending: OrderEnding, at: Timestamp)]) -> Step {
    let request = Request(
      "SELECT e.client_order_id FROM trading.end_orders($1, $2, $3, $4, $5, $6) AS e",
      [
        .int4s(endings.map(\.key.portfolio)), .int8s(endings.map(\.key.order)),
        .texts(endings.map(\.ending.status.sql)),
        .texts(endings.map(\.ending.code)), .texts(endings.map(\.ending.reason)),
        .timestamptzs(endings.map(\.at.microseconds)),
      ])
    return Step(request: request) { [follows] rows in
      Reading(
        answers: endings.map { .ended($0.key, at: $0.at) },
        steps: follows
          ? try zip(endings, rows).map { ending, row in
            OrderStep(
              .ended, ending.key.portfolio, try row[0].string, order: ending.key.order, code: ending.ending.code,
              at: ending.at, [("status", ending.ending.status.sql)])
          } : [])
    }
  }

  private func fill(_ fills: [PaperFill]) -> Step {
    let request = Request(
      """
      SELECT f.code, f.position_quantity, f.filled_quantity < f.quantity AND f.status IN ('accepted', 'working', 'partially_filled'),
             f.position_cost, f.links_changed, f.client_order_id
        FROM trading.record_fills($1, $2, $3, $4, $5, $6, $7, $8) AS f
      """,
      [
        .int4s(fills.map(\.key.portfolio)), .int8s(fills.map(\.key.order)),
        .numerics(fills.map(\.quantity.description)),
        .numerics(fills.map(\.price.description)), .text(Self.broker), .texts(fills.map(\.executionID)),
        .timestamptzs(fills.map(\.at.microseconds)), .texts(fills.map(\.liquidity.sql)),
      ])
    return Step(request: request) { [follows] rows in
      var reading = Reading()
      for (fill, row) in zip(fills, rows) {
        // The session has assumed what it says about others: the books' word on it is wanted in any case.
        if try fill.changesOthers || row[4].bool { reading.changed.append((fill.key.portfolio, fill.at)) }
        reading.answers.append(
          try row[0].isNull
            ? .filled(fill, SessionHolding(quantity: try row[1].quantity, cost: try row[3].money))
            : .refused(fill, isOpen: try row[2].bool))
        if follows {
          reading.steps.append(
            OrderStep(fill, of: try row["client_order_id"].string, code: try row[0].ifPresent?.string))
        }
      }
      return reading
    }
  }

  private static func trigger(_ triggers: [(key: OrderKey, at: Timestamp)]) -> Step {
    Step(
      request: Request(
        "SELECT trading.trigger_orders($1, $2, $3)",
        [
          .int4s(triggers.map(\.key.portfolio)), .int8s(triggers.map(\.key.order)),
          .timestamptzs(triggers.map(\.at.microseconds)),
        ]))
  }

  private static func signal(_ signals: [SessionSignal]) -> Step {
    Step(
      request: Request(
        "SELECT strategy.record_signals($1, $2, $3, $4, $5, $6, $7, $8, $9::text[]::jsonb[], $10, $11)",
        [
          .int4s(signals.map(\.portfolio)), .int4s(signals.map(\.agent)), .int4s(signals.map(\.instrument)),
          .int8s(signals.map(\.signal.number)), .timestamptzs(signals.map(\.at.microseconds)),
          .texts(signals.map(\.signal.action.sql)), .texts(signals.map { $0.signal.reason?.sql }),
          .float8s(signals.map { $0.signal.price > 0 && $0.signal.price < .infinity ? $0.signal.price : nil }),
          .texts(signals.map(\.operandsJSON)), .texts(signals.map(\.clientOrderID)),
          .texts(signals.map { $0.signal.refusal?.code }),
        ]))
  }

  private static func single(_ request: SessionRequest, _ portfolios: [Int32]) -> [Step] {
    switch request {
    case .snapshot(let due, let at):
      return [
        Step(
          request: Request(
            "SELECT trading.record_snapshots($1, $2)", [.int4s(due), .timestamptz(at.microseconds)]))
      ]
    case .periods(let portfolios, let at):
      return [
        Step(
          request: Request(
            "SELECT trading.mark_periods($1, $2)", [.int4s(portfolios), .timestamptz(at.microseconds)])
        ) { rows in Reading(answers: [.periods(next: try rows.only()[0].time)]) }
      ]
    case .fail(let agent, let portfolio, let reason, let at):
      return [Step(request: EngineStore.failAgent(agent, of: portfolio, reason, at: at))]
    case .squareOff(let portfolio, let at):
      return [
        Step(
          request: Request(
            """
            SELECT count(*) FROM trading.square_off(
              (SELECT p.owner || '/' || p.name FROM trading.portfolios AS p WHERE p.portfolio_id = $1), $2, ended_only => true)
            """, [.int4(portfolio), .timestamptz(at.microseconds)])
        ) { _ in Reading(changed: [(portfolio, at)]) }
      ]
    case .split(let split):
      return [
        Step(
          request: Request(
            "SELECT \(BookedOrder.columns) FROM trading.apply_split($1, $2, $3) AS o",
            [.int4s(portfolios), .int4(split.actionID), .timestamptz(split.effectiveAt.microseconds)])
        ) { rows in
          let orders = try rows.compactMap { try BookedOrder(openIn: $0) }
          // Those of which less than a lot is left have ended; what a fraction of a share was paid with may end others.
          return Reading(answers: [.split(split, orders: orders)], changed: portfolios.map { ($0, split.effectiveAt) })
        },
        Step(
          request: Request(
            """
            SELECT p.portfolio_id, p.quantity, p.cost FROM trading.positions AS p
             WHERE p.portfolio_id = ANY ($1) AND p.instrument_id = $2
            """, [.int4s(portfolios), .int4(split.instrument)])
        ) { rows in
          Reading(
            answers: try rows.map {
              .position(
                portfolio: try $0[0].int32, instrument: split.instrument,
                SessionHolding(quantity: try $0[1].quantity, cost: try $0[2].money))
            })
        },
      ]
    case .duty(let duty): return Self.duty(duty, portfolios)
    case .span(let calendar, let at):
      return [
        Step(request: EngineStore.candleSpan(of: calendar, at: at)) { rows in
          Reading(answers: [.span(calendar, try CandleSpan(rows.only()))])
        }
      ]
    case .hours(let exchange, let from, let until):
      return [
        Step(request: EngineStore.hours(of: exchange, from: from, until: until)) { rows in
          Reading(answers: [.hours(try SessionHours(exchange: exchange, until: until, rows))])
        }
      ]
    case .submit, .replace, .end, .fill, .trigger, .trail, .signal, .handled, .recollect:
      preconditionFailure("travels as arrays")
    }
  }

  static func accounts(_ portfolios: [Int32]) -> Step {
    Step(
      request: Request(
        "SELECT a.portfolio_id, a.cash + a.margin, a.available FROM trading.accounts($1) AS a", [.int4s(portfolios)])
    ) { rows in
      Reading(
        answers: try rows.map { row in
          .account(
            portfolio: try row[0].int32, SessionAccount(cash: try row[1].money, available: try row[2].money))
        })
    }
  }
}
