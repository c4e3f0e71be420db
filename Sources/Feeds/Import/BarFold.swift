import EngineStore
import LibPQ

/// Makes the candles of 5, 15 and 60 minutes and of a trading day that the bars of a file belong to, as internal.roll_bars does,
/// where these bars are all there are. Those of an instrument come in order of time, forwards or backwards.
struct BarFold: ~Copyable {
  /// Lengths of bars that are rolled up, in minutes.
  private static let lengths: Set<Int64> = [
    1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720,
  ]

  private struct Candle {
    var bucket: Int64 = 0
    var end: Int64 = .min
    /// Start of the bar that came last.
    var last: Int64 = 0
    var open = 0.0
    var high = 0.0
    var low = 0.0
    var close = 0.0
    var volume = 0.0
  }

  private let minutes: [Int64]
  private let resolution: Int64
  private let vendor: String?
  private let instruments: [Int32?]
  private let grids: [Int32: ImportStore.CandleGrid]
  /// Those of a slot one after the other.
  private var forming: [Candle]
  /// Candles that are complete.
  var rows = CopyWriter(columnCount: ImportStore.rollupColumnCount)

  /// - Parameters:
  ///   - instruments: of each slot.
  ///   - resolution: of all bars, in microseconds.
  init(
    instruments: [Int32?], grids: [Int32: ImportStore.CandleGrid], resolution: Int64, vendor: String?
  ) {
    (self.instruments, self.grids, self.resolution, self.vendor) = (instruments, grids, resolution, vendor)
    let (length, rest) = resolution.quotientAndRemainder(dividingBy: 60_000_000)
    let isRolled = rest == 0 && Self.lengths.contains(length)
    minutes = isRolled ? [5, 15, 60, 1_440].filter { $0 > length && $0 % length == 0 } : []
    forming = Array(repeating: Candle(), count: instruments.count * minutes.count)
  }

  mutating func add(_ bar: VendorBar) throws {
    let time = bar.time.microseconds
    let first = Int(bar.slot) * minutes.count
    for level in minutes.indices {
      let index = first + level
      if time >= forming[index].bucket, time < forming[index].end {
        forming[index].high = max(forming[index].high, bar.high)
        forming[index].low = min(forming[index].low, bar.low)
        forming[index].volume += bar.volume
        if time > forming[index].last { forming[index].close = bar.close } else { forming[index].open = bar.open }
        forming[index].last = time
      } else {
        write(index)
        let (bucket, end) = try span(of: time, minutes: minutes[level], slot: Int(bar.slot))
        forming[index] = Candle(
          bucket: bucket, end: end, last: time, open: bar.open, high: bar.high, low: bar.low, close: bar.close,
          volume: bar.volume)
      }
    }
  }

  /// Completes what is forming.
  mutating func finish() {
    for index in forming.indices {
      write(index)
      forming[index].end = .min
    }
  }

  private func span(of time: Int64, minutes: Int64, slot: Int) throws -> (Int64, Int64) {
    guard let grid = instruments[slot].flatMap({ grids[$0] }) else { throw ImportStore.NotNew() }
    if minutes == 1_440 {
      guard let day = grid.day(of: time) else { throw ImportStore.NotNew() }
      return day
    }
    let length = minutes * 60_000_000
    let offset = minutes == 60 ? grid.hourOffset : 0
    let rest = (time - offset) % length
    let bucket = time - (rest < 0 ? rest + length : rest)
    return (bucket, bucket + length)
  }

  private mutating func write(_ index: Int) {
    let candle = forming[index]
    let (slot, level) = index.quotientAndRemainder(dividingBy: minutes.count)
    guard candle.end != .min, let instrument = instruments[slot] else { return }
    rows.startRow()
    rows.write(int4: instrument)
    rows.write(int2: Int16(minutes[level]))
    rows.write(timestamptz: candle.bucket)
    rows.write(float8: candle.open)
    rows.write(float8: candle.high)
    rows.write(float8: candle.low)
    rows.write(float8: candle.close)
    rows.write(float8: candle.volume)
    rows.write(interval: resolution)
    rows.write(text: vendor)
  }
}
