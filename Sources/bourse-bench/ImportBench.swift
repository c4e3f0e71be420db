import ArgumentParser
import EngineStore
import Feeds
import FoundationEssentials
import LibPQ
import Runner
import TradingCore

struct BenchImport: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Import of files of ticks and of bars, beside bare COPY, ingest and replay of the same ticks.",
    discussion: """
      Interleaved runs over a tape of 100 instruments: (i) binary COPY into a table without index; (ii) ingest: the runner stores \
      ticks that it need not read; (iii) `bourse replay` of a file of them, with one agent; (iv) `bourse import ticks` of the \
      file; (v) `bourse import bars` of as many bars of a minute; (vi) `bourse import ticks` once more, where all are known. Prints \
      rows a second by the clock, and by processor time of program and server.
      """)

  @OptionGroup var server: ServerOptions
  @Option var ticks = 1_000_000
  @Option var instruments = 100
  @Option var runs = 3
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Some of these only: copy, ingest, replay, ticks, bars, again.", valueName: "way"))
  var ways: [Way] = Way.allCases

  private struct Sample {
    var seconds = 0.0
    var processor: Double?
    /// This program's part of it.
    var program = 0.0
  }

  enum Way: String, CaseIterable, ExpressibleByArgument {
    case copy, ingest, replay, ticks, bars, again
  }

  func run() async throws {
    let maintenance = server.maintenance
    let folder = FileManager.default.temporaryDirectory.appending(path: "bourse-bench-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (tickFile, barFile) = (folder.appending(path: "ticks.csv"), folder.appending(path: "bars.csv"))
    try writeTicks(to: tickFile)
    try writeBars(to: barFile)
    var samples: [Way: [Sample]] = [:]
    for run in 1...runs {
      func take(
        _ way: Way, _ body: (ConnectionOptions, (() async throws -> Void) async throws -> Void) async throws -> Void
      ) async throws {
        guard ways.contains(way) else { return }
        try await BenchDatabase.with("\(way)_\(run)", maintenance) { options in
          let connection = try await Connection.connect(options)
          let processor = await ProcessorTime(connection)
          try await body(options) { work in
            let (begin, program, start) = (processor?.seconds, ProcessorTime.program, ContinuousClock.now)
            try await work()
            var sample = Sample(seconds: (ContinuousClock.now - start) / .seconds(1))
            sample.program = ProcessorTime.program - program
            try await processor?.waitForOthers(connection)
            if let begin, let end = processor?.seconds { sample.processor = end - begin }
            samples[way, default: []].append(sample)
          }
          await connection.close()
        }
      }
      try await take(.copy) { options, timed in
        let tape = try tape(Array(1...Int32(instruments)))
        try await timed { _ = try await BenchTickIndex.copy(tape, into: nil, options) }
      }
      try await take(.ingest) { options, timed in
        let ids = try await setUp(options)
        let runner = Bench.runner(options, BenchFeed(try tape(ids)))
        try await timed { try await runner.run() }
      }
      try await take(.replay) { options, timed in
        _ = try await setUp(options)
        let connection = try await Connection.connect(options)
        let listings = try await EngineStore(connection).listings(exchange: nil).mapValues(Listing.init)
        await connection.close()
        try await timed {
          let feed = try FileTickFeed(paths: [tickFile.path], options: FileOptions(), listings: listings)
          try await Bench.runner(options, feed).run()
        }
      }
      try await take(.ticks) { options, timed in
        try await timed { try await load(.ticks, tickFile, options, inserted: ticks) }
      }
      try await take(.bars) { options, timed in
        try await timed { try await load(.bars, barFile, options, inserted: ticks) }
      }
      try await take(.again) { options, timed in
        try await load(.ticks, tickFile, options, inserted: ticks)
        try await timed { try await load(.ticks, tickFile, options, inserted: 0) }
      }
    }
    report(samples)
  }

  private func report(_ samples: [Way: [Sample]]) {
    func rate(_ way: Way, _ value: (Sample) -> Double?) -> Double? {
      let values = (samples[way] ?? []).compactMap(value)
      return values.isEmpty ? nil : Double(ticks) / BenchDatabase.median(values)
    }
    /// Of the same round each, since the machine changes.
    func ratio(_ way: Way, _ other: Way, _ value: (Sample) -> Double?) -> String {
      let pairs = zip(samples[way] ?? [], samples[other] ?? []).compactMap { a, b in
        value(a).flatMap { a in value(b).map { $0 / a } }
      }
      return pairs.isEmpty ? "?" : String(rounding: BenchDatabase.median(pairs))
    }
    for way in ways {
      let clock = rate(way) { $0.seconds } ?? 0
      let program = BenchDatabase.median((samples[way] ?? []).map(\.program)) / Double(ticks) * 1e6
      let processor =
        rate(way) { $0.processor }.map {
          ", \(Int($0)) a second of processor time, \(String(rounding: program)) of \(String(rounding: 1e6 / $0)) microseconds a row in the program"
        } ?? ""
      note("\(way.rawValue): \(Int(clock)) rows/s\(processor)")
    }
    func line(_ name: String, _ way: Way, _ what: String, aim: String) {
      guard ways.contains(way) else { return }
      print(
        "bench \(name): \(Int(rate(way) { $0.seconds } ?? 0)) rows/s, ratio \(ratio(way, .ingest) { $0.processor }) of ingest by "
          + "processor time, \(ratio(way, .ingest) { $0.seconds }) by the clock, \(ratio(way, .copy) { $0.seconds }) of a bare COPY\(what) (aim \(aim))"
      )
    }
    line("import_ticks", .ticks, "", aim: "0.80")
    line("import_bars", .bars, "; bars of a minute", aim: "0.80")
    line("import_known", .again, "; the same file once more", aim: "none")
    line("import_replay", .replay, "; a replay of the file", aim: "none")
  }

  private func load(_ kind: ImportStore.Kind, _ file: URL, _ options: ConnectionOptions, inserted: Int) async throws {
    let connection = try await Connection.connect(options)
    let report = try await FileImport(kind).run(file.path, on: connection)
    await connection.close()
    guard report.inserted == inserted, report.rejected == 0 else {
      throw Spoiled("\(report.inserted) rows were stored and \(report.rejected) rejected instead of \(inserted) and 0")
    }
  }

  private func setUp(_ options: ConnectionOptions) async throws -> [Int32] {
    let connection = try await Connection.connect(options)
    let ids = try await EngineStore(connection).setUpMarketBench(instruments: instruments)
    await connection.close()
    return ids
  }

  private func tape(_ ids: [Int32]) throws -> BenchTape {
    try BenchTape(
      instruments: ids, count: ticks, batchSize: Bench.tickBatch, start: "2024-01-08T14:30:00Z", seconds: 23_400)
  }

  // MARK: Files

  private func write(_ header: String, to file: URL, _ lines: (inout String, Int) throws -> Void, count: Int) throws {
    var text = header + "\n"
    var data = Data()
    for index in 0..<count {
      try lines(&text, index)
      if text.utf8.count > 1 << 20 {
        data.append(contentsOf: text.utf8)
        text = ""
      }
    }
    data.append(contentsOf: text.utf8)
    try data.write(to: file)
  }

  /// The tape, with symbols in the place of identifiers.
  private func writeTicks(to file: URL) throws {
    let tape = try tape(Array(1...Int32(instruments)))
    try write(
      "ts,symbol,price,size", to: file,
      { text, index in
        let batch = try tape.batch(index)
        for tick in batch.ticks {
          text += "\(tick.time),B\(tick.instrument),\(tick.price),\(Int(tick.size))\n"
        }
      }, count: tape.batchCount)
  }

  /// Bars of a minute: sessions one after the other, all instruments in each minute.
  private func writeBars(to file: URL) throws {
    var random: UInt64 = 88_172_645_463_325_252
    let start = try Timestamp("2020-01-06T14:30:00Z")
    try write(
      "ts,symbol,open,high,low,close,volume", to: file,
      { text, row in
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        let (minute, place) = row.quotientAndRemainder(dividingBy: instruments)
        let (day, minuteOfDay) = minute.quotientAndRemainder(dividingBy: 390)
        let time = try start.advanced(
          byMicroseconds: (Int64(day / 5 * 7 + day % 5) * 1_440 + Int64(minuteOfDay)) * 60_000_000)
        let price = 100 + Double(place) + Double(random & 1023) / 100
        text +=
          "\(time),B\(place + 1),\(price),\(price + 0.5),\(price - 0.5),\(price + 0.25),\((random >> 10) & 65_535)\n"
      }, count: ticks)
  }
}
