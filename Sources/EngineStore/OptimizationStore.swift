import LibPQ
import TradingCore

/// What is to be optimised, and how.
package struct OptimizationRequest: Sendable {
  /// NAME or NAME@VERSION.
  package var strategy: String
  package var symbols: [String]
  package var from: String
  package var until: String
  package var capital: String
  /// JSON objects.
  package var settings: String
  package var parameters: String
  package var method: String
  package var objective: String
  /// Nil: as many as the method has by itself.
  package var trials: Int32?
  package var constraints: [String]
  package var seed: Int64
  /// A JSON object; nil: all is in sample.
  package var walkForward: String?

  package init(
    strategy: String, symbols: [String], from: String, until: String, capital: String, settings: String,
    parameters: String, method: String, objective: String, trials: Int32?, constraints: [String], seed: Int64,
    walkForward: String?
  ) {
    self.strategy = strategy
    self.symbols = symbols
    self.from = from
    self.until = until
    self.capital = capital
    self.settings = settings
    self.parameters = parameters
    self.method = method
    self.objective = objective
    self.trials = trials
    self.constraints = constraints
    self.seed = seed
    self.walkForward = walkForward
  }
}

/// Begins optimizations, and says how they are.
package struct OptimizationStore: Sendable {
  private let connection: Connection

  package init(_ connection: Connection) { self.connection = connection }

  /// - Returns: the number of the optimization, whose trials wait for ``TrialWorker``.
  /// - Throws: TR101, TR103, TR211, TR501, TR502, TR510, TR530, TR540, TR541, TR542, TR731.
  package func optimize(_ request: OptimizationRequest) async throws -> Int64 {
    try await connection.query(
      """
      SELECT research.optimize($1, $2, $3::text::timestamptz, $4::text::timestamptz, $5, $6, $7, $8, $9, $10, $11,
                               $12::text::numeric, $13)
      """,
      [
        .text(request.strategy), .texts(request.symbols), .text(request.from), .text(request.until),
        .jsonb(request.parameters), .text(request.method), .text(request.objective), .int4(request.trials),
        .texts(request.constraints), .int8(request.seed), .jsonb(request.walkForward), .text(request.capital),
        .jsonb(request.settings),
      ]
    ).only()[0].int64
  }

  package struct Progress: Sendable {
    package let trials: Int64
    package let done: Int64
    package let failed: Int64
    package let pruned: Int64
    package let isFinished: Bool

    package var ended: Int64 { done + failed + pruned }
  }

  /// Nil: there is none with this number.
  package func progress(of optimization: Int64) async throws -> Progress? {
    try await connection.query(
      """
      SELECT p.trials, p.done, p.failed, p.pruned, p.finished_at IS NOT NULL
        FROM research.progress AS p WHERE p.optimization_id = $1
      """, [.int8(optimization)]
    ).first.map {
      Progress(
        trials: try $0[0].int64, done: try $0[1].int64, failed: try $0[2].int64, pruned: try $0[3].int64,
        isFinished: try $0[4].bool)
    }
  }

  /// A row for each chosen trial, and without a walk-forward for the best ones: what it was chosen with, and what it did.
  package func best(of optimization: Int64, most: Int) async throws -> [BestTrial] {
    try await connection.query(
      """
      SELECT t.window_no, t.part, t.trial, t.params, t.objective, t.total_return, t.sharpe, t.max_drawdown, t.trades
        FROM research.trials AS t JOIN research.optimizations AS o USING (optimization_id)
       WHERE o.optimization_id = $1
         AND (t.part = 'out_of_sample' AND t.params IS NOT NULL OR o.walk_forward IS NULL AND t.objective IS NOT NULL)
       ORDER BY t.part DESC, CASE t.part WHEN 'in_sample' THEN -t.objective ELSE t.window_no END, t.trial LIMIT $2
      """, [.int8(optimization), .int(most)]
    ).map(BestTrial.init)
  }

  package struct BestTrial: Sendable {
    package let window: Int32
    package let isOutOfSample: Bool
    package let trial: Int32
    /// JSON.
    package let params: String
    package let objective: Double?
    package let totalReturn: Double?
    package let sharpe: Double?
    package let maxDrawdown: Double?
    package let trades: Int64?

    fileprivate init(_ row: Row) throws {
      window = try row[0].int32
      isOutOfSample = try row[1].string == "out_of_sample"
      trial = try row[2].int32
      params = try row[3].string
      objective = try row[4].ifPresent?.double
      totalReturn = try row[5].ifPresent?.double
      sharpe = try row[6].ifPresent?.double
      maxDrawdown = try row[7].ifPresent?.double
      trades = try row[8].ifPresent?.int64
    }
  }

  /// Total return, Sharpe ratio and deepest drawdown of all out-of-sample time; nil without a walk-forward.
  package func headline(of optimization: Int64) async throws -> (
    totalReturn: Double?, sharpe: Double?, maxDrawdown: Double?
  )? {
    try await connection.query(
      """
      SELECT w.total_return, w.sharpe, w.max_drawdown
        FROM research.optimizations AS o CROSS JOIN LATERAL research.walk_forward(o.optimization_id) AS w
       WHERE o.optimization_id = $1 AND o.walk_forward IS NOT NULL
      """, [.int8(optimization)]
    ).first.map { (try $0[0].ifPresent?.double, try $0[1].ifPresent?.double, try $0[2].ifPresent?.double) }
  }

  /// The row and its progress as one JSON object.
  package func json(of optimization: Int64) async throws -> String {
    try await connection.query(
      """
      SELECT jsonb_pretty(to_jsonb(o) || to_jsonb(p) || jsonb_build_object('windows', (
               SELECT jsonb_agg(to_jsonb(w) ORDER BY w.window_no)
                 FROM research.optimization_windows AS w WHERE w.optimization_id = o.optimization_id)))
        FROM research.optimizations AS o JOIN research.progress AS p USING (optimization_id)
       WHERE o.optimization_id = $1
      """, [.int8(optimization)]
    ).only()[0].string
  }
}
