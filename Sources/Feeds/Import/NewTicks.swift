import EngineStore
import LibPQ
import TradingCore

/// What a first look at a file of ticks tells. When each instrument's ticks stand in the order of time and none is stored yet,
/// they are looked at and copied into their days by the program, as a runner does it; else the server sorts them out.
struct TickSurvey {
  /// The first and the last tick of each slot; nil of a symbol without a tick that can be used.
  var spans: [EngineStore.TickSpan?] = []
  /// UTC days since 2000-01-01.
  var days: [Int64] = []

  /// - Returns: nil when the file is a pipe, which can be read only once, when its ticks are out of order, or when it has none.
  static func look(at path: String, _ options: FileOptions, _ resolve: @escaping (String) throws -> Listing?) throws
    -> TickSurvey?
  {
    if ByteInput.isStream(path) { return nil }
    var reader = try TickReader(path, options, resolve: resolve)
    var survey = TickSurvey()
    var days: Set<Int64> = []
    var day = Int64.min
    var batch = TickBatch()
    var hasMore = true
    while hasMore {
      try Task.checkCancellation()
      batch.removeAll()
      hasMore = try reader.read(into: &batch, tickLimit: .max, rowLimit: 10_000) { _ in }
      if reader.disorderedCount > 0 { return nil }
      for tick in batch.ticks {
        let slot = Int(tick.instrument)
        while survey.spans.count <= slot { survey.spans.append(nil) }
        if let last = survey.spans[slot]?.last {
          guard (last.time, last.sequence) < (tick.time, tick.sequence) else { return nil }
          survey.spans[slot]!.last = tick
        } else {
          survey.spans[slot] = EngineStore.TickSpan(first: tick, last: tick)
        }
        if tick.time.day != day {
          day = tick.time.day
          days.insert(day)
        }
      }
    }
    survey.days = days.sorted()
    return survey.days.isEmpty ? nil : survey
  }
}

/// Ticks of a file that are copied as they are read.
struct NewTicks: ~Copyable {
  private let instruments: [Int32?]
  private var filters: [JumpFilter?]
  private let collars: [String]
  private let targets: [Int64: String]
  private let store: EngineStore
  private var rows = CopyWriter(columnCount: TickBatch.columnCount, capacity: 2 << 20)
  private var copy: CopyIn?
  private var copiesDay: Int64?
  private var fold = MinuteFold()
  private(set) var count = 0
  private(set) var refused: [EngineStore.RejectedTick] = []

  /// - Parameters:
  ///   - instruments: of each slot.
  ///   - references: what lies before the first tick of each instrument.
  init(
    _ store: EngineStore, instruments: [Int32?], references: [Int32: ImportStore.Reference], targets: [Int64: String]
  ) {
    self.store = store
    self.instruments = instruments
    self.targets = targets
    let known = instruments.map { $0.flatMap { references[$0] } }
    filters = known.map { reference in
      reference?.collar.map { JumpFilter(collar: $0, last: reference?.accepted, secondLast: reference?.jumped) }
    }
    collars = known.map { $0?.collarText ?? "" }
  }

  /// Copies ticks whose instruments are slots, but for those that are jumps.
  mutating func store(_ batch: inout TickBatch) async throws {
    for index in batch.ticks.indices {
      let tick = batch.ticks[index]
      let slot = Int(tick.instrument)
      guard slot < instruments.count, let instrument = instruments[slot] else { throw ImportStore.NotNew() }
      batch.setInstrument(instrument, at: index)
      // What the feed doubts itself is stored, and looked at no further.
      if batch.isSuspicious[index] { continue }
      let before = filters[slot]?.before
      if filters[slot]?.isJump(tick.price) == true, let before {
        refuse(tick, instrument, before, collars[slot])
        batch.refuse(at: index)
      } else {
        fold.add(batch.ticks[index])
      }
    }
    for day in batch.days {
      try await begin(day)
      let first = rows.rowCount
      batch.write(to: &rows, day: day)
      count += rows.rowCount - first
      try await copy?.send(&rows)
    }
  }

  private mutating func begin(_ day: Int64) async throws {
    if day == copiesDay { return }
    try await pause()
    guard let target = targets[day] else { throw ImportStore.NotNew() }
    copy = try await store.copyTicks(columns: TickBatch.columns, into: target)
    copiesDay = day
  }

  /// Lets the connection go for something else.
  mutating func pause() async throws {
    try await copy?.finish()
    (copy, copiesDay) = (nil, nil)
  }

  private mutating func refuse(_ tick: Tick, _ instrument: Int32, _ before: (Double, Double), _ collar: String) {
    func text(_ price: Double) -> String {
      let text = "\(price)"
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
    let second = before.1.isNaN ? before.0 : before.1
    var rejected = EngineStore.RejectedTick(
      reason: RejectedRow.Kind.jump.rawValue,
      detail: "\(text(before.0)) and \(text(second)) before; collar \(collar)")
    rejected.instrument = instrument
    rejected.time = tick.time
    rejected.price = tick.price
    rejected.size = tick.size
    rejected.sequence = tick.sequence
    refused.append(rejected)
  }

  /// What was copied makes candles; what was refused is kept aside, in the order of time.
  mutating func finish(feed: String) async throws {
    try await pause()
    // Earlier ones first: none is late to those before it.
    let parts = fold.parts.sorted { ($0.bucket, $0.instrument) < ($1.bucket, $1.instrument) }
    for start in stride(from: 0, to: parts.count, by: 100_000) {
      try await store.run([EngineStore.addCandles(Array(parts[start..<min(parts.count, start + 100_000)]))])
    }
    refused.sort { ($0.time!, $0.instrument!, $0.sequence!) < ($1.time!, $1.instrument!, $1.sequence!) }
    for start in stride(from: 0, to: refused.count, by: 10_000) {
      let slice = Array(refused[start..<min(refused.count, start + 10_000)])
      try await store.run([EngineStore.rejectTicks(slice, feed: feed)])
    }
  }
}
