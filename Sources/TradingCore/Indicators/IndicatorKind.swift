/// All indicators by name: the one list that the rules of strategies, the PostgreSQL extension, the tests and the
/// benchmarks share. Raw values are part of the extension's binary interface: append, never renumber.
public enum IndicatorKind: Int32, CaseIterable, Sendable {
  case sma, ema, wma, dema, tema, kama, trix, rsi, roc, mom, stdev, linregSlope, zscore, macd, bbands, stochrsi
  case atr, natr, adx, plusDI, minusDI, cci, willr, stoch, stochf, ultosc, keltner, supertrend
  case aroon, sar, donchian, obv, vwap, mfi, correlation, volumeSurge
  case doji, hammer, engulfing, morningStar, eveningStar
}

/// Up to three numbers, in the order of a kernel's initialiser; those beyond are not looked at.
public struct IndicatorParameters: Sendable {
  public var first, second, third: Double

  public init(_ first: Double = 0, _ second: Double = 0, _ third: Double = 0) {
    self.first = first
    self.second = second
    self.third = third
  }

  /// The whole number in `value`: a period.
  func whole(_ value: Double) throws(IndicatorError) -> Int {
    guard let number = Int(exactly: value) else { throw .init(.badPeriod, value) }
    return number
  }
}

/// What is done with a kernel whose type is only known at run time; a protocol, so that each use is specialised.
public protocol KernelVisitor {
  mutating func visit<K: Kernel>(_ kernel: K.Type) throws(IndicatorError)
}

extension IndicatorKind {
  /// Calls `visitor` with the type of the kernel of this kind.
  @inline(__always)
  public func visit<V: KernelVisitor>(_ visitor: inout V) throws(IndicatorError) {
    switch self {
    case .sma: try visitor.visit(SMAKernel.self)
    case .ema: try visitor.visit(EMAKernel.self)
    case .wma: try visitor.visit(WMAKernel.self)
    case .dema: try visitor.visit(DEMAKernel.self)
    case .tema: try visitor.visit(TEMAKernel.self)
    case .kama: try visitor.visit(KAMAKernel.self)
    case .trix: try visitor.visit(TRIXKernel.self)
    case .rsi: try visitor.visit(RSIKernel.self)
    case .roc: try visitor.visit(ROCKernel.self)
    case .mom: try visitor.visit(MomentumKernel.self)
    case .stdev: try visitor.visit(StandardDeviationKernel.self)
    case .linregSlope: try visitor.visit(LinearRegressionSlopeKernel.self)
    case .zscore: try visitor.visit(ZScoreKernel.self)
    case .macd: try visitor.visit(MACDKernel.self)
    case .bbands: try visitor.visit(BollingerBandsKernel.self)
    case .stochrsi: try visitor.visit(StochasticRSIKernel.self)
    case .atr: try visitor.visit(ATRKernel.self)
    case .natr: try visitor.visit(NATRKernel.self)
    case .adx: try visitor.visit(ADXKernel.self)
    case .plusDI: try visitor.visit(PlusDIKernel.self)
    case .minusDI: try visitor.visit(MinusDIKernel.self)
    case .cci: try visitor.visit(CCIKernel.self)
    case .willr: try visitor.visit(WilliamsRKernel.self)
    case .stoch: try visitor.visit(StochasticKernel.self)
    case .stochf: try visitor.visit(FastStochasticKernel.self)
    case .ultosc: try visitor.visit(UltimateOscillatorKernel.self)
    case .keltner: try visitor.visit(KeltnerChannelsKernel.self)
    case .supertrend: try visitor.visit(SuperTrendKernel.self)
    case .aroon: try visitor.visit(AroonKernel.self)
    case .sar: try visitor.visit(ParabolicSARKernel.self)
    case .donchian: try visitor.visit(DonchianChannelsKernel.self)
    case .obv: try visitor.visit(OnBalanceVolumeKernel.self)
    case .vwap: try visitor.visit(VWAPKernel.self)
    case .mfi: try visitor.visit(MoneyFlowIndexKernel.self)
    case .correlation: try visitor.visit(CorrelationKernel.self)
    case .volumeSurge: try visitor.visit(VolumeSurgeKernel.self)
    case .doji: try visitor.visit(DojiKernel.self)
    case .hammer: try visitor.visit(HammerKernel.self)
    case .engulfing: try visitor.visit(EngulfingKernel.self)
    case .morningStar: try visitor.visit(MorningStarKernel.self)
    case .eveningStar: try visitor.visit(EveningStarKernel.self)
    }
  }
}
