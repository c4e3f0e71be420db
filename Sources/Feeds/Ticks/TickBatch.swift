import EngineStore
import LibPQ
import TradingCore

/// Ticks in the order of the tape, with what ``TradingCore/Tick`` leaves out.
package struct TickBatch: Sendable {
  /// `sequence` is the tick's place among those of its instrument and time in the whole file, from 0.
  package private(set) var ticks: [Tick] = []
  /// Whether the feed itself doubts each tick.
  package private(set) var isSuspicious: [Bool] = []
  /// Data rows of the file dealt with before this batch, and up to its end, rejected and skipped ones included. The second
  /// is the position to skip to in order to go on behind this batch.
  package internal(set) var firstRow = 0
  package internal(set) var lastRow = 0
  /// Rows between them that were not accepted.
  package internal(set) var rejected: [RejectedRow] = []
  /// When the feed read it off the wire; nil for a file.
  package var receivedAt: Timestamp?

  /// Ticks that are not written, by index; rare.
  private var refused: Set<Int> = []
  /// Venue and sale condition of all ticks, one behind the other, and where each ends.
  private var text: [UInt8] = []
  private var venueEnds: [UInt32] = []
  private var conditionEnds: [UInt32] = []

  package init() {}

  package var count: Int { ticks.count }
  package var isEmpty: Bool { ticks.isEmpty }

  /// Reporting venue as the file spells it; nil when it has none.
  package func venue(_ index: Int) -> String? { string(venueRange(index)) }
  /// Sale condition as the file spells it; nil when it has none.
  package func saleCondition(_ index: Int) -> String? { string(conditionRange(index)) }

  package mutating func reserveCapacity(_ count: Int) {
    ticks.reserveCapacity(count)
    isSuspicious.reserveCapacity(count)
    venueEnds.reserveCapacity(count)
    conditionEnds.reserveCapacity(count)
  }

  /// Forgets the ticks and keeps the memory.
  package mutating func removeAll() {
    ticks.removeAll(keepingCapacity: true)
    isSuspicious.removeAll(keepingCapacity: true)
    rejected.removeAll()
    refused.removeAll()
    text.removeAll(keepingCapacity: true)
    venueEnds.removeAll(keepingCapacity: true)
    conditionEnds.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func append(_ tick: Tick, venue: Field?, saleCondition: Field?, isSuspicious suspicious: Bool) {
    ticks.append(tick)
    isSuspicious.append(suspicious)
    if let venue { text.append(contentsOf: venue.bytes) }
    venueEnds.append(UInt32(text.count))
    if let saleCondition { text.append(contentsOf: saleCondition.bytes) }
    conditionEnds.append(UInt32(text.count))
  }

  package mutating func append(
    _ tick: Tick, venue: String? = nil, saleCondition: String? = nil, isSuspicious suspicious: Bool = false
  ) {
    ticks.append(tick)
    isSuspicious.append(suspicious)
    if let venue { text.append(contentsOf: venue.utf8) }
    venueEnds.append(UInt32(text.count))
    if let saleCondition { text.append(contentsOf: saleCondition.utf8) }
    conditionEnds.append(UInt32(text.count))
  }

  @inline(__always)
  mutating func setInstrument(_ instrument: Int32, at index: Int) { ticks[index].instrument = instrument }

  /// Leaves a tick out when the others are written.
  mutating func refuse(at index: Int) { refused.insert(index) }

  private func venueRange(_ index: Int) -> Range<Int> {
    (index == 0 ? 0 : Int(conditionEnds[index - 1]))..<Int(venueEnds[index])
  }

  private func conditionRange(_ index: Int) -> Range<Int> { Int(venueEnds[index])..<Int(conditionEnds[index]) }

  private func string(_ range: Range<Int>) -> String? {
    range.isEmpty ? nil : String(decoding: text[range], as: UTF8.self)
  }
}

// MARK: By instrument

extension TickBatch {
  /// Indices of all ticks by instrument, then time and sequence, with the ends of each instrument's own.
  package struct InstrumentOrder {
    package var indices: [Int]
    package var spans: [EngineStore.TickSpan]
  }

  package func byInstrument() -> InstrumentOrder {
    var slots: [Int32: Int] = [:]
    var counts: [Int] = []
    let slotOf = ticks.map { tick in
      let slot = slots[tick.instrument, default: counts.count]
      if slot == counts.count {
        slots[tick.instrument] = slot
        counts.append(0)
      }
      counts[slot] += 1
      return slot
    }
    var ends: [Int] = []
    for count in counts { ends.append((ends.last ?? 0) + count) }
    var next = zip(ends, counts).map { $0 - $1 }
    var order = InstrumentOrder(indices: [Int](repeating: 0, count: ticks.count), spans: [])
    for (index, slot) in slotOf.enumerated() {
      order.indices[next[slot]] = index
      next[slot] += 1
    }
    for (end, count) in zip(ends, counts) {
      let range = end - count..<end
      // A tape is in order; what is not was late.
      if zip(order.indices[range], order.indices[range].dropFirst()).contains(where: { precedes($1, $0) }) {
        order.indices[range].sort(by: precedes)
      }
      order.spans.append(
        EngineStore.TickSpan(first: ticks[order.indices[end - count]], last: ticks[order.indices[end - 1]]))
    }
    return order
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (ticks[left].time, ticks[left].sequence) < (ticks[right].time, ticks[right].sequence)
  }
}

// MARK: COPY

extension TickBatch {
  /// Columns of `market.ticks` in the order in which ``write(to:)`` writes them.
  package static let columns = "ts, price, size, seq, received_at, instrument_id, suspicious, venue, sale_condition"
  package static let columnCount = 9

  /// Writes a row of ``columns`` for each tick, in the order of the tape or another one, or for those of one UTC day alone
  /// (days since 2000-01-01), for `COPY … FROM STDIN (FORMAT binary)`; allocates nothing for a row.
  /// - Parameter places: which of that order; all if not said.
  package func write(
    to writer: inout CopyWriter, order: [Int]? = nil, day: Int64? = nil, places: Range<Int>? = nil
  ) {
    let received = receivedAt?.microseconds
    text.withUnsafeBytes { text in
      for place in places ?? ticks.indices {
        let index = order?[place] ?? place
        let tick = ticks[index]
        if let day, tick.time.day != day { continue }
        if !refused.isEmpty, refused.contains(index) { continue }
        writer.startRow()
        writer.write(timestamptz: tick.time.microseconds)
        writer.write(float8: tick.price)
        writer.write(float8: tick.size)
        writer.write(int8: tick.sequence)
        writer.write(timestamptz: received)
        writer.write(int4: tick.instrument)
        writer.write(bool: isSuspicious[index])
        Self.write(text, venueRange(index), to: &writer)
        Self.write(text, conditionRange(index), to: &writer)
      }
    }
  }

  @inline(__always)
  private static func write(_ text: UnsafeRawBufferPointer, _ range: Range<Int>, to writer: inout CopyWriter) {
    if range.isEmpty { writer.writeNull() } else { writer.write(bytes: UnsafeRawBufferPointer(rebasing: text[range])) }
  }
}

extension TickBatch {
  /// UTC days since 2000-01-01 of the ticks, in order of appearance; nearly always one.
  package var days: [Int64] {
    var days: [Int64] = []
    for tick in ticks {
      let day = tick.time.day
      if day != days.last, !days.contains(day) { days.append(day) }
    }
    return days
  }
}

extension Timestamp {
  /// UTC days since 2000-01-01.
  package var day: Int64 {
    let (day, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    return rest < 0 ? day - 1 : day
  }
}
