import CLibPQ

extension Session {
  /// Rows handed over at a time, to change threads less often.
  private static let batchSize = 256

  func startRows(_ sql: String, _ values: [Value], _ format: Format) throws {
    try sendQuery(sql, values, format)
    try wire.check(PQsetSingleRowMode(wire.pointer))
    isRowByRow = true
    unfinished = .rows
    try flush()
  }

  /// The rows that are there, at least one; nil at the end.
  func nextRows() throws -> [Row]? {
    if let failure = streamFailure {
      streamFailure = nil
      try failRows(failure)
    }
    var rows: [Row] = []
    while rows.isEmpty || (rows.count < Self.batchSize && !wire.isBusy) {
      guard let result = try nextResult() else {
        unfinished = nil
        return rows.isEmpty ? nil : rows
      }
      switch result.status {
      case PGRES_SINGLE_TUPLE: rows.append(Row(handle: result, index: 0))
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: continue
      default:
        // The rows before the failure come first.
        if rows.isEmpty { try failRows(result) }
        streamFailure = result
        return rows
      }
    }
    return rows
  }

  private func failRows(_ result: ResultHandle) throws {
    unfinished = nil
    if !result.isError { try refuseCopy(result.status, "forEachRow() cannot carry COPY data; use copyOut()") }
    _ = try checked([result] + finishCommand())
  }
}
