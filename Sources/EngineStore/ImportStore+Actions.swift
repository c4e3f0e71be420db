import LibPQ

extension ImportStore {
  /// What an issuer did, with numbers as they are written.
  package enum Action: Sendable, Equatable {
    /// New shares for each `denominator` old ones.
    case split(numerator: String, denominator: String)
    /// New shares for each `held`, without payment.
    case bonus(newShares: String, held: String)
    /// Cash per share.
    case dividend(amount: String)
    case symbolChange(newSymbol: String)
  }

  /// Announces a corporate action, inside the caller's transaction.
  /// - Parameters:
  ///   - symbol: `SYMBOL` or `EXCHANGE:SYMBOL`.
  ///   - exDate: days since 2000-01-01.
  /// - Returns: whether it was not known before.
  /// - Throws: SQLSTATE class TR when it makes no sense; the transaction goes on without it.
  package static func add(
    _ action: Action, of symbol: String, exDate: Int32, on connection: Connection
  ) async throws -> Bool {
    let (kind, call, terms): (String, String, [Value]) =
      switch action {
      case .split(let numerator, let denominator):
        ("split", "add_split($1, date '2000-01-01' + $2, $4, $5)", [.numeric(numerator), .numeric(denominator)])
      case .bonus(let newShares, let held):
        ("bonus", "add_bonus($1, date '2000-01-01' + $2, $4, $5)", [.numeric(newShares), .numeric(held)])
      case .dividend(let amount): ("dividend", "add_dividend($1, $4, date '2000-01-01' + $2)", [.numeric(amount)])
      case .symbolChange(let name):
        ("symbol_change", "add_symbol_change($1, $4, date '2000-01-01' + $2)", [.text(name).typed(.text)])
      }
    return try await connection.savepoint { _ in
      try await connection.execute(
        """
        SELECT NOT EXISTS (SELECT FROM market.corporate_actions AS a
                            WHERE a.instrument_id = market.instrument_id($1) AND a.kind = $3
                              AND a.ex_date = date '2000-01-01' + $2),
               (market.\(call)).action_id
        """,
        [.text(symbol), .int4(exDate), .text(kind)] + terms
      ).only()[0].bool
    }
  }
}
