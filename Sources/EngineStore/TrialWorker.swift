import LibPQ
import TradingCore

/// Runs trials of optimizations: `research.work` by a program. Any number of them work on one optimization, each with a
/// connection of its own.
package struct TrialWorker {
  private let connection: Connection
  private let optimization: Int64
  /// What the last trials were fed with.
  private var events: (key: BacktestTrials.EventKey, chunks: [BacktestChunk])?

  package init(_ connection: Connection, optimization: Int64) {
    self.connection = connection
    self.optimization = optimization
  }

  /// Runs trials until none is left, each batch in a transaction of its own: what is killed leaves it to others.
  ///
  /// - Parameter progress: is called after each batch with the number of its trials.
  /// - Throws: TR542, TR543, TR544, TR755.
  package mutating func work(batch: Int32 = 20, progress: @Sendable (_ trials: Int) -> Void) async throws {
    _ = try await connection.query("SELECT research.begin_work($1)", [.int8(optimization)])
    var pause = Duration.milliseconds(10)
    while true {
      try Task.checkCancellation()
      let count = try await runBatch(batch)
      if count > 0 {
        progress(count)
        pause = .milliseconds(10)
        continue
      }
      let state = try await connection.query("SELECT research.advance_optimization($1)", [.int8(optimization)])
        .only()[0].string
      if state == "finished" { return }
      if state == "waiting" {
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(500))
      }
    }
  }

  private mutating func runBatch(_ most: Int32) async throws -> Int {
    _ = try await connection.query("BEGIN")
    do {
      let count = try await runClaimed(most)
      _ = try await connection.query("COMMIT")
      return count
    } catch {
      _ = try? await connection.query("ROLLBACK")
      throw error
    }
  }

  private mutating func runClaimed(_ most: Int32) async throws -> Int {
    let claimed = try await connection.query(
      "SELECT * FROM research.claim_trials($1, $2)", [.int8(optimization), .int4(most)])
    if claimed.isEmpty { return 0 }
    for run in try await runs(of: claimed) {
      let start = ContinuousClock.now
      let results = try await results(of: run)
      _ = try await connection.query(
        "SELECT research.record_trials($1, $2, $3, $4::text[]::jsonb[], $5 * interval '1 second')",
        [
          .int8(optimization), .int4s(run.trials.map(\.number)), .jsonb(run.specification), .texts(results),
          .float8((ContinuousClock.now - start) / .seconds(1)),
        ])
    }
    return claimed.count
  }

  /// Trials that are fed with the same events.
  private struct Run {
    let specification: String
    var trials: [(number: Int32, parameters: String, begins: Int64)] = []
  }

  private func runs(of claimed: Rows) async throws -> [Run] {
    let rows = try await connection.query(
      """
      SELECT CASE u.place WHEN 1 THEN r.specification END, u.trial, u.parameters, u.begins
        FROM research.trial_runs($1, $2, $3::text[]::jsonb[]) WITH ORDINALITY
             AS r (trials, specification, parameters, begins, run)
        CROSS JOIN LATERAL unnest(r.trials, r.parameters, r.begins) WITH ORDINALITY
             AS u (trial, parameters, begins, place)
       ORDER BY r.run, u.place
      """,
      [
        .int8(optimization), .int4s(try claimed.map { try $0[0].int32 }), .texts(try claimed.map(Self.report)),
      ])
    var runs: [Run] = []
    for row in rows {
      if let specification = try row[0].ifPresent?.string { runs.append(Run(specification: specification)) }
      runs[runs.count - 1].trials.append((try row[1].int32, try row[2].string, try row[3].int64))
    }
    return runs
  }

  /// What the parser says of the rules with a trial's values.
  private static func report(_ row: Row) throws -> String {
    let (type, parameters) = (try row[1].string, try row[5].string)
    let (months, days, microseconds) = (try row[2].int32, try row[3].int32, try row[4].int64)
    do throws(RuleError) {
      let timeframe = try RuleLength.timeframe(months: months, days: days, microseconds: microseconds)
      return try StrategyReport(type: type, timeframe: timeframe, parameters: parameters).json
    } catch {
      return StrategyReport.json(of: error)
    }
  }

  // MARK: Trials

  private mutating func results(of run: Run) async throws -> [String] {
    do {
      let trials = try BacktestTrials(specification: run.specification)
      if events.map({ trials.events.isPart(of: $0.key) }) != true {
        var chunks: [BacktestChunk] = []
        try await BacktestEvents(connection).forEachChunk(of: run.specification, trials.feed) { chunks.append($0) }
        events = (trials.events, chunks)
      }
      let chunks = events?.chunks ?? []
      return run.trials.map { trial in
        do throws(BacktestError) {
          var backtest = try trials.trial(parameters: trial.parameters, begins: trial.begins)
          for chunk in chunks { try chunk.feed(&backtest, from: trial.begins) }
          return try backtest.finish()
        } catch {
          return error.json
        }
      }
    } catch let error as BacktestError {
      throw BacktestFailure(error: error)
    }
  }
}
