import LibPQ
import TradingCore

extension BookedOrder {
  /// The columns that ``init(openIn:)`` reads, of an order with alias `o`. An order arrives when it is accepted, which a
  /// child or one that waited for approval is later than it was submitted.
  static let columns = """
    o.portfolio_id, o.order_id, o.client_order_id, o.instrument_id, o.agent_id, o.side, o.type, o.time_in_force, \
    o.quantity - o.filled_quantity AS remaining, o.filled_quantity, o.limit_price, o.stop_price, o.trail_amount, \
    o.trail_percent, o.expires_at, o.active_at, o.post_only, o.reduce_only, o.oco_group_id, o.oco_leg, \
    o.triggered_at IS NOT NULL AS is_triggered, \
    CASE WHEN o.parent_order_id IS NULL AND o.approved_by IS NULL THEN o.submitted_at \
    ELSE (SELECT min(e.at) FROM trading.order_events AS e \
    WHERE e.portfolio_id = o.portfolio_id AND e.order_id = o.order_id AND e.to_status = 'accepted') END AS arrived_at, \
    CASE o.product WHEN 'intraday' THEN (SELECT market.session_close(i.exchange_id, o.submitted_at) \
    FROM market.instruments AS i WHERE i.instrument_id = o.instrument_id) END AS square_off_at, \
    o.closed_at IS NULL AND o.status NOT IN ('held', 'pending_approval') AS is_open
    """

  /// The open orders of portfolios, in order of their numbers.
  static func selectOpen(_ portfolios: [Int32]) -> Request {
    Request(
      """
      SELECT \(columns) FROM trading.orders AS o
       WHERE o.portfolio_id = ANY ($1) AND o.closed_at IS NULL ORDER BY o.portfolio_id, o.order_id
      """, [.int4s(portfolios)])
  }

  /// Nil when the order is closed, or not open yet.
  init?(openIn row: Row) throws {
    guard try row["is_open"].bool else { return nil }
    guard let side = Side(sql: try row["side"].string), let type = OrderType(sql: try row["type"].string),
      let timeInForce = TimeInForce(sql: try row["time_in_force"].string)
    else { throw StoreError("an order of a kind that this program does not know") }
    var trail = try row["trail_amount"].ifPresent.map { try Trail(amount: try $0.price) }
    if let percent = try row["trail_percent"].ifPresent { trail = try Trail(percent: try percent.ratio) }
    let terms = try OrderTerms(
      type, limitPrice: try row["limit_price"].ifPresent.map { try $0.price },
      stopPrice: try row["stop_price"].ifPresent.map { try $0.price }, trail: trail)
    var conditions = OrderConditions(
      isPostOnly: try row["post_only"].bool, isReduceOnly: try row["reduce_only"].bool,
      activeAt: try row["active_at"].ifPresent.map { try $0.time })
    if let group = try row["oco_group_id"].ifPresent {
      conditions.exclusion = OrderConditions.Exclusion(
        group: try group.int64, leg: Int16(clamping: try row["oco_leg"].int32))
    }
    let number = try row["order_id"].int64
    self.init(
      order: try PaperOrder(
        key: OrderKey(portfolio: try row["portfolio_id"].int32, order: number), side: side, terms: terms,
        remaining: try row["remaining"].quantity, filled: try row["filled_quantity"].quantity, timeInForce: timeInForce,
        expiresAt: try row["expires_at"].ifPresent.map { try $0.time }, arrival: number,
        arrivedAt: try row["arrived_at"].time, isTriggered: try row["is_triggered"].bool, conditions: conditions),
      instrument: try row["instrument_id"].int32, clientOrderID: try row["client_order_id"].string,
      agent: try row["agent_id"].ifPresent?.int32,
      squareOffAt: try row["square_off_at"].ifPresent.map { try $0.time })
  }
}
