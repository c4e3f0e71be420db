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
}

/// What is done with a kernel whose type is only known at run time; a protocol, so that each use is specialised.
public protocol KernelVisitor {
  mutating func visit<K: Kernel>(_ kernel: K) throws(IndicatorError)
}

extension IndicatorKind {
  /// Makes the kernel of this kind from up to three numbers in the order of its initialiser, and hands it to `visitor`.
  @inline(__always)
  public func visit<V: KernelVisitor>(_ visitor: inout V, parameters p: IndicatorParameters) throws(IndicatorError) {
    switch self {
    case .sma: try visitor.visit(SMAKernel(period: period(p.first)))
    case .ema: try visitor.visit(EMAKernel(period: period(p.first)))
    case .wma: try visitor.visit(WMAKernel(period: period(p.first)))
    case .dema: try visitor.visit(DEMAKernel(period: period(p.first)))
    case .tema: try visitor.visit(TEMAKernel(period: period(p.first)))
    case .kama: try visitor.visit(KAMAKernel(period: period(p.first)))
    case .trix: try visitor.visit(TRIXKernel(period: period(p.first)))
    case .rsi: try visitor.visit(RSIKernel(period: period(p.first)))
    case .roc: try visitor.visit(ROCKernel(period: period(p.first)))
    case .mom: try visitor.visit(MomentumKernel(period: period(p.first)))
    case .stdev: try visitor.visit(StandardDeviationKernel(period: period(p.first)))
    case .linregSlope: try visitor.visit(LinearRegressionSlopeKernel(period: period(p.first)))
    case .zscore: try visitor.visit(ZScoreKernel(period: period(p.first)))
    case .macd: try visitor.visit(MACDKernel(fast: period(p.first), slow: period(p.second), signal: period(p.third)))
    case .bbands: try visitor.visit(BollingerBandsKernel(period: period(p.first), width: p.second))
    case .stochrsi: try visitor.visit(StochasticRSIKernel(period: period(p.first), k: period(p.second), d: period(p.third)))
    case .atr: try visitor.visit(ATRKernel(period: period(p.first)))
    case .natr: try visitor.visit(NATRKernel(period: period(p.first)))
    case .adx: try visitor.visit(ADXKernel(period: period(p.first)))
    case .plusDI: try visitor.visit(PlusDIKernel(period: period(p.first)))
    case .minusDI: try visitor.visit(MinusDIKernel(period: period(p.first)))
    case .cci: try visitor.visit(CCIKernel(period: period(p.first)))
    case .willr: try visitor.visit(WilliamsRKernel(period: period(p.first)))
    case .stoch: try visitor.visit(StochasticKernel(period: period(p.first), slowing: period(p.second), d: period(p.third)))
    case .stochf: try visitor.visit(FastStochasticKernel(period: period(p.first), d: period(p.second)))
    case .ultosc: try visitor.visit(UltimateOscillatorKernel(period(p.first), period(p.second), period(p.third)))
    case .keltner:
      try visitor.visit(KeltnerChannelsKernel(period: period(p.first), rangePeriod: period(p.second), width: p.third))
    case .supertrend: try visitor.visit(SuperTrendKernel(period: period(p.first), width: p.second))
    case .aroon: try visitor.visit(AroonKernel(period: period(p.first)))
    case .sar: try visitor.visit(ParabolicSARKernel(acceleration: p.first, maximum: p.second))
    case .donchian: try visitor.visit(DonchianChannelsKernel(period: period(p.first)))
    case .obv: try visitor.visit(OnBalanceVolumeKernel())
    case .vwap: try visitor.visit(VWAPKernel())
    case .mfi: try visitor.visit(MoneyFlowIndexKernel(period: period(p.first)))
    case .correlation: try visitor.visit(CorrelationKernel(period: period(p.first)))
    case .volumeSurge: try visitor.visit(VolumeSurgeKernel(period: period(p.first)))
    case .doji: try visitor.visit(DojiKernel())
    case .hammer: try visitor.visit(HammerKernel())
    case .engulfing: try visitor.visit(EngulfingKernel())
    case .morningStar: try visitor.visit(MorningStarKernel())
    case .eveningStar: try visitor.visit(EveningStarKernel())
    }
  }

  private func period(_ value: Double) throws(IndicatorError) -> Int {
    guard let period = Int(exactly: value) else { throw .init(.badPeriod, value) }
    return period
  }
}
