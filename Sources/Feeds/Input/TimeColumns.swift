/// Reads the time of each row out of one column, or a date and a time of day out of two.
struct TimeColumns {
  let date: Int
  let timeOfDay: Int?
  private var parser: TimeParser

  init?(_ columns: ColumnMap, _ options: FileOptions) {
    guard let date = columns[.ts] else { return nil }
    self.date = date
    timeOfDay = columns[.time]
    parser = TimeParser(dateOrder: options.dateOrder)
  }

  @inline(__always)
  mutating func read(_ records: borrowing RecordReader) -> WrittenTime? {
    guard let written = parser.parse(records.field(date).trimmed) else { return nil }
    guard let timeOfDay, !written.hasTimeOfDay else { return written }
    return join(written, records.field(timeOfDay).trimmed)
  }

  private func join(_ written: WrittenTime, _ field: Field) -> WrittenTime? {
    guard let (microseconds, offset) = VendorTime.timeOfDay(field) else { return nil }
    return WrittenTime(wall: written.wall + microseconds, offset: offset, hasTimeOfDay: true)
  }
}
