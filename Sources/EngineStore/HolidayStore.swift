import LibPQ

/// Writes days that differ from an exchange's weekly sessions, inside the caller's transaction.
package struct HolidayStore {
  package enum Outcome: String, Sendable { case added, changed, known }

  /// A holiday, or with hours a session that takes place instead of the weekly ones.
  package struct Row: Sendable, Equatable {
    package var exchange: String
    /// `YYYY-MM-DD`, in the exchange's calendar.
    package var day: String
    package var name: String
    /// `HH:MM` of the exchange's clock, or `HH:MM:SS`.
    package var hours: (opens: String, closes: String)?

    package init(exchange: String, day: String, name: String, hours: (opens: String, closes: String)?) {
      self.exchange = exchange
      self.day = day
      self.name = name
      self.hours = hours
    }

    package static func == (left: Self, right: Self) -> Bool {
      left.exchange == right.exchange && left.day == right.day && left.name == right.name
        && left.hours?.opens == right.hours?.opens && left.hours?.closes == right.hours?.closes
    }
  }

  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// - Throws: SQLSTATE TR102, TR116 or TR117.
  package func add(_ row: Row) async throws -> Outcome {
    let outcome = try await connection.execute(
      """
      WITH known AS MATERIALIZED (
        SELECT h.name, h.closes FROM market.holidays AS h
         WHERE h.exchange_id = market.exchange_id($1) AND h.day = $2::date AND h.opens IS NOT DISTINCT FROM $4::time
      )
      SELECT CASE WHEN NOT EXISTS (SELECT FROM known) THEN 'added'
                  WHEN EXISTS (SELECT FROM known AS k WHERE (k.name, k.closes) IS NOT DISTINCT FROM (a.name, a.closes)) THEN 'known'
                  ELSE 'changed' END
        FROM market.add_holiday($1, $2::date, $3, $4::time, $5::time) AS a
      """,
      [
        .text(row.exchange), .text(row.day), .text(row.name), .text(row.hours?.opens), .text(row.hours?.closes),
      ]
    ).only()[0].string
    return Outcome(rawValue: outcome)!
  }

  /// Exchanges that are traded, by positions, open orders or agents, and of which no holiday is known later than so many days
  /// from now, with the last one. Exchanges without any holiday have no calendar that could end.
  package func endingCalendars(within days: Int) async throws -> [(exchange: String, last: String)] {
    try await connection.query(
      """
      SELECT e.code, max(h.day)::text FROM market.exchanges AS e JOIN market.holidays AS h USING (exchange_id)
       WHERE e.exchange_id IN (SELECT i.exchange_id FROM market.instruments AS i
                                WHERE i.instrument_id IN (SELECT p.instrument_id FROM trading.positions AS p WHERE p.quantity <> 0
                                                          UNION SELECT o.instrument_id FROM trading.orders AS o WHERE o.closed_at IS NULL
                                                          UNION SELECT a.instrument_id FROM strategy.agent_instruments AS a))
       GROUP BY e.code HAVING max(h.day) < current_date + $1::int ORDER BY e.code
      """, [.int4(Int32(clamping: days))]
    ).map { (try $0[0].string, try $0[1].string) }
  }
}
