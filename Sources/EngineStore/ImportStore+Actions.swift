import LibPQ

extension ImportStore {
  /// Announces a split, inside the caller's transaction.
  /// - Parameters:
  ///   - symbol: `SYMBOL` or `EXCHANGE:SYMBOL`.
  ///   - exDate: days since 2000-01-01.
  ///   - numerator: new shares for each `denominator` old ones, as decimal numbers.
  /// - Returns: whether it was not known before.
  /// - Throws: SQLSTATE class TR when it makes no sense; the transaction goes on without it.
  package static func addSplit(
    _ symbol: String, exDate: Int32, numerator: String, denominator: String, on connection: Connection
  ) async throws -> Bool {
    try await connection.savepoint { _ in
      try await connection.execute(
        """
        SELECT NOT EXISTS (SELECT FROM market.corporate_actions AS a
                            WHERE a.instrument_id = market.instrument_id($1) AND a.kind = 'split'
                              AND a.ex_date = date '2000-01-01' + $2),
               (market.add_split($1, date '2000-01-01' + $2, $3, $4)).action_id
        """,
        [.text(symbol), .int4(exDate), .numeric(numerator), .numeric(denominator)]
      ).only()[0].bool
    }
  }
}
