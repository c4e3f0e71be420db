extension StrategyMemory {
  /// Why a state is not taken.
  public enum StateError: Error, Sendable, Equatable {
    /// It is whole, but of another program or of another release: warm up anew.
    case outdated
    /// It is no state, or a damaged one.
    case badState
  }

  /// Raised when kernels keep other things in their memory than before, which their sizes alone may not show.
  static let stateVersion: UInt32 = 1

  private static let magic: UInt32 = 0x6D72_6F62
  /// Magic number, version, fingerprint, bytes behind the header, checksum of them and of the header before it.
  private static let headerCount = 4 + 4 + 8 + 8 + 8

  /// Everything that is remembered, bit for bit: ``init(_:state:)`` goes on from it as this memory would.
  public var state: [UInt8] {
    var bytes: [UInt8] = []
    let count = (savedCount + kernels.count) * 8
    bytes.reserveCapacity(Self.headerCount + count)
    bytes.append(Self.magic)
    bytes.append(Self.stateVersion)
    bytes.append(program.fingerprint)
    bytes.append(UInt64(count))
    bytes.append(0 as UInt64)
    for value in values[..<savedCount] { bytes.append(value.bitPattern) }
    for word in kernels { bytes.append(word) }
    let sum = Self.checksum(bytes)
    for place in 0..<8 { bytes[Self.headerCount - 8 + place] = UInt8(truncatingIfNeeded: sum >> (8 * UInt64(place))) }
    return bytes
  }

  /// - Throws: `outdated` when it is the state of another program or release, `badState` when it is none.
  public init(_ program: StrategyProgram, state: [UInt8]) throws(StateError) {
    self.init(program)
    guard state.count >= Self.headerCount, state.word(at: 0, UInt32.self) == Self.magic else { throw .badState }
    let version = state.word(at: 4, UInt32.self)
    let count = state.word(at: 16, UInt64.self)
    guard count == UInt64(state.count - Self.headerCount), count % 8 == 0,
      Self.checksum(state) == state.word(at: 24, UInt64.self)
    else { throw .badState }
    guard version == Self.stateVersion, state.word(at: 8, UInt64.self) == program.fingerprint else { throw .outdated }
    guard count == UInt64((savedCount + kernels.count) * 8) else { throw .badState }
    var place = Self.headerCount
    for index in 0..<savedCount {
      values[index] = Double(bitPattern: state.word(at: place, UInt64.self))
      place += 8
    }
    for index in kernels.indices {
      kernels[index] = state.word(at: place, UInt64.self)
      place += 8
    }
    guard hasSoundPlaces else { throw .badState }
  }

  private var savedCount: Int { program.code.values.count }

  /// Whether all places in rings are inside of them.
  private var hasSoundPlaces: Bool {
    for step in program.code.instructions {
      let (state, length) = (Int(step.state), Int(step.length))
      switch step.operation {
      case .lag:
        guard (0..<length).contains(values[state].word) else { return false }
      case .count:
        guard (0..<length).contains(values[state].word), (0...length).contains(values[state + 1].word),
          (0...length).contains(values[state + 2].word)
        else { return false }
      case .lasting:
        guard (0...length).contains(values[state].word) else { return false }
      case .window:
        guard (0..<length).contains(values[state].word), (0...length).contains(values[state + 1].word) else {
          return false
        }
      default: break
      }
    }
    return true
  }

  /// Of all words but the checksum itself.
  private static func checksum(_ bytes: [UInt8]) -> UInt64 {
    var hash = StableHash()
    for place in stride(from: 0, to: bytes.count - 7, by: 8) where place != headerCount - 8 {
      hash.add(bytes.word(at: place, UInt64.self))
    }
    return hash.value
  }
}

/// FNV-1a by words, with the high half folded in: the same on every machine and in every process. Each step is a bijection,
/// so that no single damaged word goes unseen.
struct StableHash {
  private(set) var value: UInt64 = 14_695_981_039_346_656_037

  @inline(__always) mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 1_099_511_628_211
    value ^= value >> 32
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    for byte in text.utf8 { add(UInt64(byte)) }
  }
}

extension [UInt8] {
  fileprivate mutating func append<Word: FixedWidthInteger>(_ word: Word) {
    for place in 0..<MemoryLayout<Word>.size { append(UInt8(truncatingIfNeeded: word >> Word(8 * place))) }
  }

  fileprivate func word<Word: FixedWidthInteger>(at start: Int, _ type: Word.Type) -> Word {
    var word: Word = 0
    for place in 0..<MemoryLayout<Word>.size {
      word |= Word(truncatingIfNeeded: self[start + place]) << Word(8 * place)
    }
    return word
  }
}

extension Code {
  func fingerprint(_ series: [SeriesKey], _ predictions: [PredictionKey]) -> UInt64 {
    var hash = StableHash()
    for key in series {
      hash.add(key.symbol ?? "")
      hash.add(key.length?.count ?? 0)
      hash.add(key.length?.unit.rawValue ?? 0)
    }
    for key in predictions {
      hash.add(key.model)
      hash.add(key.maximumAge.count)
      hash.add(key.maximumAge.unit.rawValue)
    }
    for range in ranges { hash.add(range.count) }
    for step in instructions {
      hash.add(Int(step.operation.rawValue))
      for part in [step.kernel.code, step.a, step.b, step.c, step.d, step.output, step.state, step.live, step.words] {
        hash.add(Int(part))
      }
      hash.add(Int(step.memoryCount))
      hash.add(Int(step.length))
    }
    for depth in depths {
      hash.add(depth.parameters.first.bitPattern)
      hash.add(depth.parameters.second.bitPattern)
      hash.add(depth.parameters.third.bitPattern)
    }
    for value in values { hash.add(value.bitPattern) }
    return hash.value
  }
}
