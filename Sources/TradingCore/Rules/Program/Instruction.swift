/// One step of a program: reads slots, writes a slot (an indicator: up to three).
///
/// Conditions are 1 or 0, numbers are finite or NaN: what is not known.
struct Instruction: Sendable {
  enum Operation: UInt8 {
    case negate, add, subtract, multiply, divide
    case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
    /// b <= a <= c; `betweenAcross`: a >= b or a <= c.
    case between, betweenAcross
    case not, and, or
    case absolute, squareRoot, minimum, maximum
    /// State: the values of a and b one candle before.
    case crossesAbove, crossesBelow
    /// State: place of the oldest value, then a ring of `length` values.
    case lag
    /// State: place, candles seen, how many of them met the condition, then a ring of `length` conditions.
    case count
    /// State: candles in a row that met the condition.
    case lasting
    /// State: the session, the extreme so far. `length` is in minutes.
    case openingHigh, openingLow
    /// The kernel goes on. State: its window memory.
    case kernel
    /// The same; it starts anew with each session. State: the session, then its window memory.
    case sessionKernel
    /// A new kernel runs over the last `length` inputs. State: place, inputs seen, then one ring for each input.
    case window
  }

  var operation: Operation
  /// Of the last three operations.
  var kernel: ProgramKernel
  /// Slots that are read; what is not needed repeats another one.
  var a, b, c, d: Int32
  /// The first slot that is written, and how many.
  var output: Int32
  var outputs: Int32
  /// The first of the doubles that it keeps, behind the slots.
  var state: Int32
  /// The kernel's first word among the program's fresh kernels.
  var fresh: Int32
  /// Its first word among the memory's kernels, for those that go on.
  var live: Int32
  var words: Int32
  var memoryCount: Int32
  var length: Int32
}

extension Instruction {
  /// What makes two instructions of one series the same: then one of them is enough.
  struct Meaning: Hashable {
    var operation: Operation
    var series: Int
    var inputs = InputSlots()
    var length = 0
    var kernel = ProgramKernel.highest
    var first = 0.0
    var second = 0.0
    var third = 0.0
  }

  struct InputSlots: Hashable {
    var a: Int32 = 0
    var b: Int32 = 0
    var c: Int32 = 0
    var d: Int32 = 0
  }

  /// Doubles that it keeps from candle to candle.
  static func stateCount(_ operation: Operation, length: Int, inputs: Int, memoryCount: Int) -> Int {
    switch operation {
    case .crossesAbove, .crossesBelow, .openingHigh, .openingLow: 2
    case .lag: 1 + length
    case .count: 3 + length
    case .lasting: 1
    case .kernel: memoryCount
    case .sessionKernel: 1 + memoryCount
    case .window: 2 + inputs * length
    default: 0
    }
  }
}

extension Instruction.Operation {
  var isComparison: Bool { rawValue >= Self.less.rawValue && rawValue <= Self.betweenAcross.rawValue }

  /// Of an operation without state: what it makes of up to three values. What would not be finite is not known.
  @inline(__always)
  func result(_ a: Double, _ b: Double, _ c: Double) -> Double {
    switch self {
    case .negate: -a
    case .add: (a + b).known
    case .subtract: (a - b).known
    case .multiply: (a * b).known
    case .divide: (a / b).known
    case .less: a < b ? 1 : 0
    case .lessOrEqual: a <= b ? 1 : 0
    case .greater: a > b ? 1 : 0
    case .greaterOrEqual: a >= b ? 1 : 0
    case .equal: a == b ? 1 : 0
    case .notEqual: a < b || a > b ? 1 : 0
    case .between: a >= b && a <= c ? 1 : 0
    case .betweenAcross: a >= b || a <= c ? 1 : 0
    case .not: 1 - a
    case .and: a * b
    case .or: larger(a, b)
    case .absolute: abs(a)
    case .squareRoot: a.squareRoot()
    case .minimum: a.isNaN || b.isNaN ? .nan : smaller(b, a)
    case .maximum: a.isNaN || b.isNaN ? .nan : larger(a, b)
    default: .nan
    }
  }
}

extension Double {
  /// NaN for what is not finite.
  @inline(__always) var known: Double { isFinite ? self : .nan }

  /// A whole number kept among doubles, bit for bit; never computed with.
  @inline(__always) init(word: Int) { self.init(bitPattern: UInt64(bitPattern: Int64(word))) }
  @inline(__always) var word: Int { Int(truncatingIfNeeded: Int64(bitPattern: bitPattern)) }
}

/// The session of a candle, by its opening, as a word of state.
enum SessionMark {
  /// No candle has come yet.
  static let unseen = Double(word: .max)
  /// The candle closed outside of sessions, or nobody said.
  static let outside = Double(word: .min)
}
