/// Parallel columns of doubles that are read row by row as `Row`, for example `Columns(high: h, low: l, close: c)`.
///
/// Borrows the buffers: they must outlive the call. Output columns may be the input columns themselves.
public struct Columns<Row: InputRecord> {
  public let count: Int
  let first, second, third, fourth: UnsafePointer<Double>

  /// One to four columns of `count` doubles; those that `Row` does not read repeat another one.
  init(
    _ count: Int, _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>, _ third: UnsafePointer<Double>,
    _ fourth: UnsafePointer<Double>
  ) {
    self.count = count
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  init(
    _ first: UnsafeBufferPointer<Double>, _ second: UnsafeBufferPointer<Double>? = nil,
    _ third: UnsafeBufferPointer<Double>? = nil, _ fourth: UnsafeBufferPointer<Double>? = nil
  ) {
    for other in [second, third, fourth] {
      precondition(other == nil || other!.count == first.count, "columns of different lengths")
    }
    // An empty buffer may have no address; it is never read.
    let base = first.baseAddress ?? UnsafePointer(bitPattern: 8)!
    self.init(
      first.count, base, second?.baseAddress ?? base, third?.baseAddress ?? base, fourth?.baseAddress ?? base)
  }
}

/// Parallel columns that results of type `Row` are written to, each at least as long as the input.
public struct OutputColumns<Row: OutputRecord> {
  public let count: Int
  let first, second, third: UnsafeMutablePointer<Double>

  init(
    _ count: Int, _ first: UnsafeMutablePointer<Double>, _ second: UnsafeMutablePointer<Double>,
    _ third: UnsafeMutablePointer<Double>
  ) {
    self.count = count
    self.first = first
    self.second = second
    self.third = third
  }

  init(
    _ first: UnsafeMutableBufferPointer<Double>, _ second: UnsafeMutableBufferPointer<Double>? = nil,
    _ third: UnsafeMutableBufferPointer<Double>? = nil
  ) {
    var count = first.count
    if let second { count = min(count, second.count) }
    if let third { count = min(count, third.count) }
    let base = first.baseAddress ?? UnsafeMutablePointer(bitPattern: 8)!
    self.init(count, base, second?.baseAddress ?? base, third?.baseAddress ?? base)
  }
}

/// What a kernel takes in per step, and how it is read from columns.
public protocol InputRecord: BitwiseCopyable, Sendable {
  static var columnCount: Int { get }
  init(row: Int, of columns: Columns<Self>)
}

/// What a kernel gives back per step, and how it is written to columns. All fields are NaN while warming up.
public protocol OutputRecord: BitwiseCopyable, Sendable {
  static var columnCount: Int { get }
  static var missing: Self { get }
  /// Whether this is a result, not the NaN of the warm-up.
  var isPresent: Bool { get }
  func store(row: Int, to columns: OutputColumns<Self>)
}
