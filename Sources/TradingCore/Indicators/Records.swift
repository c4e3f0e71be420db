// The inputs that indicators take: how each is read from columns. Prices and volumes are measurements (`Double`).

extension Double: InputRecord, OutputRecord {
  public static var columnCount: Int { 1 }
  @inline(__always) public init(row: Int, of columns: Columns<Double>) { self = columns.first[row] }

  public static var missing: Double { .nan }
  public var isPresent: Bool { !isNaN }
  @inline(__always) public func store(row: Int, to columns: OutputColumns<Double>) { columns.first[row] = self }
}

extension Columns where Row == Double {
  public init(_ values: UnsafeBufferPointer<Double>) { self.init(values, nil) }
}

extension OutputColumns where Row == Double {
  public init(_ values: UnsafeMutableBufferPointer<Double>) { self.init(values, nil) }
}

/// Two values observed together.
public struct XY: InputRecord {
  public var x, y: Double

  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  public static var columnCount: Int { 2 }
  @inline(__always) public init(row: Int, of columns: Columns<XY>) {
    self.init(x: columns.first[row], y: columns.second[row])
  }
}

extension Columns where Row == XY {
  public init(x: UnsafeBufferPointer<Double>, y: UnsafeBufferPointer<Double>) { self.init(x, y) }
}

/// A price (a close, a typical price, a trade) and its volume.
public struct PriceVolume: InputRecord {
  public var price, volume: Double

  public init(price: Double, volume: Double) {
    self.price = price
    self.volume = volume
  }

  public static var columnCount: Int { 2 }
  @inline(__always) public init(row: Int, of columns: Columns<PriceVolume>) {
    self.init(price: columns.first[row], volume: columns.second[row])
  }
}

extension Columns where Row == PriceVolume {
  public init(price: UnsafeBufferPointer<Double>, volume: UnsafeBufferPointer<Double>) { self.init(price, volume) }
}

/// A bar's extremes.
public struct HighLow: InputRecord {
  public var high, low: Double

  public init(high: Double, low: Double) {
    self.high = high
    self.low = low
  }

  public static var columnCount: Int { 2 }
  @inline(__always) public init(row: Int, of columns: Columns<HighLow>) {
    self.init(high: columns.first[row], low: columns.second[row])
  }
}

extension Columns where Row == HighLow {
  public init(high: UnsafeBufferPointer<Double>, low: UnsafeBufferPointer<Double>) { self.init(high, low) }
}

/// A bar without its open.
public struct HighLowClose: InputRecord {
  public var high, low, close: Double

  public init(high: Double, low: Double, close: Double) {
    self.high = high
    self.low = low
    self.close = close
  }

  /// (high + low + close) ÷ 3
  var typicalPrice: Double { (high + low + close) / 3 }

  public static var columnCount: Int { 3 }
  @inline(__always) public init(row: Int, of columns: Columns<HighLowClose>) {
    self.init(high: columns.first[row], low: columns.second[row], close: columns.third[row])
  }
}

extension Columns where Row == HighLowClose {
  public init(
    high: UnsafeBufferPointer<Double>, low: UnsafeBufferPointer<Double>, close: UnsafeBufferPointer<Double>
  ) {
    self.init(high, low, close)
  }
}

/// A bar without its open, with its volume.
public struct HighLowCloseVolume: InputRecord {
  public var high, low, close, volume: Double

  public init(high: Double, low: Double, close: Double, volume: Double) {
    self.high = high
    self.low = low
    self.close = close
    self.volume = volume
  }

  /// (high + low + close) ÷ 3
  var typicalPrice: Double { (high + low + close) / 3 }

  public static var columnCount: Int { 4 }
  @inline(__always) public init(row: Int, of columns: Columns<HighLowCloseVolume>) {
    self.init(
      high: columns.first[row], low: columns.second[row], close: columns.third[row], volume: columns.fourth[row])
  }
}

extension Columns where Row == HighLowCloseVolume {
  public init(
    high: UnsafeBufferPointer<Double>, low: UnsafeBufferPointer<Double>, close: UnsafeBufferPointer<Double>,
    volume: UnsafeBufferPointer<Double>
  ) {
    self.init(high, low, close, volume)
  }
}

/// A bar's four prices.
public struct OpenHighLowClose: InputRecord {
  public var open, high, low, close: Double

  public init(open: Double, high: Double, low: Double, close: Double) {
    self.open = open
    self.high = high
    self.low = low
    self.close = close
  }

  public static var columnCount: Int { 4 }
  @inline(__always) public init(row: Int, of columns: Columns<OpenHighLowClose>) {
    self.init(
      open: columns.first[row], high: columns.second[row], low: columns.third[row], close: columns.fourth[row])
  }
}

extension Columns where Row == OpenHighLowClose {
  public init(
    open: UnsafeBufferPointer<Double>, high: UnsafeBufferPointer<Double>, low: UnsafeBufferPointer<Double>,
    close: UnsafeBufferPointer<Double>
  ) {
    self.init(open, high, low, close)
  }
}
