/// All indicators by name: the one list that the rules of strategies, the PostgreSQL extension, the tests and the
/// benchmarks share. Raw values are part of the extension's binary interface: append, never renumber.
public enum IndicatorKind: Int32, CaseIterable, Sendable {
  case sma, ema, wma, dema, tema, kama, trix, rsi, roc, mom, stdev, linregSlope, zscore, macd, bbands, stochrsi
  case atr, natr, adx, plusDI, minusDI, cci, willr, stoch, stochf, ultosc, keltner, supertrend
  case aroon, sar, donchian, obv, vwap, mfi, correlation, volumeSurge
  case doji, hammer, engulfing, morningStar, eveningStar
}

/// What is done with a kernel whose type is only known at run time; a protocol, so that each use is specialised.
public protocol KernelVisitor {
  mutating func visit<K: Kernel>(_ kernel: K) throws(IndicatorError)
}

extension IndicatorKind {
  /// Makes the kernel of this kind from up to four numbers in the order of its initialiser, and hands it to `visitor`.
  @inline(__always)
  public func visit<V: KernelVisitor>(_ visitor: inout V, parameters p: SIMD4<Double>) throws(IndicatorError) {
    switch self {
    case .sma: try visitor.visit(SMAKernel(period: period(p[0])))
    case .ema: try visitor.visit(EMAKernel(period: period(p[0])))
    case .wma: try visitor.visit(WMAKernel(period: period(p[0])))
    case .dema: try visitor.visit(DEMAKernel(period: period(p[0])))
    case .tema: try visitor.visit(TEMAKernel(period: period(p[0])))
    case .kama: try visitor.visit(KAMAKernel(period: period(p[0])))
    case .trix: try visitor.visit(TRIXKernel(period: period(p[0])))
    case .rsi: try visitor.visit(RSIKernel(period: period(p[0])))
    case .roc: try visitor.visit(ROCKernel(period: period(p[0])))
    case .mom: try visitor.visit(MomentumKernel(period: period(p[0])))
    case .stdev: try visitor.visit(StandardDeviationKernel(period: period(p[0])))
    case .linregSlope: try visitor.visit(LinearRegressionSlopeKernel(period: period(p[0])))
    case .zscore: try visitor.visit(ZScoreKernel(period: period(p[0])))
    case .macd: try visitor.visit(MACDKernel(fast: period(p[0]), slow: period(p[1]), signal: period(p[2])))
    case .bbands: try visitor.visit(BollingerBandsKernel(period: period(p[0]), width: p[1]))
    case .stochrsi: try visitor.visit(StochasticRSIKernel(period: period(p[0]), k: period(p[1]), d: period(p[2])))
    case .atr: try visitor.visit(ATRKernel(period: period(p[0])))
    case .natr: try visitor.visit(NATRKernel(period: period(p[0])))
    case .adx: try visitor.visit(ADXKernel(period: period(p[0])))
    case .plusDI: try visitor.visit(PlusDIKernel(period: period(p[0])))
    case .minusDI: try visitor.visit(MinusDIKernel(period: period(p[0])))
    case .cci: try visitor.visit(CCIKernel(period: period(p[0])))
    case .willr: try visitor.visit(WilliamsRKernel(period: period(p[0])))
    case .stoch: try visitor.visit(StochasticKernel(period: period(p[0]), slowing: period(p[1]), d: period(p[2])))
    case .stochf: try visitor.visit(FastStochasticKernel(period: period(p[0]), d: period(p[1])))
    case .ultosc: try visitor.visit(UltimateOscillatorKernel(period(p[0]), period(p[1]), period(p[2])))
    case .keltner:
      try visitor.visit(KeltnerChannelsKernel(period: period(p[0]), rangePeriod: period(p[1]), width: p[2]))
    case .supertrend: try visitor.visit(SuperTrendKernel(period: period(p[0]), width: p[1]))
    case .aroon: try visitor.visit(AroonKernel(period: period(p[0])))
    case .sar: try visitor.visit(ParabolicSARKernel(acceleration: p[0], maximum: p[1]))
    case .donchian: try visitor.visit(DonchianChannelsKernel(period: period(p[0])))
    case .obv: try visitor.visit(OnBalanceVolumeKernel())
    case .vwap: try visitor.visit(VWAPKernel())
    case .mfi: try visitor.visit(MoneyFlowIndexKernel(period: period(p[0])))
    case .correlation: try visitor.visit(CorrelationKernel(period: period(p[0])))
    case .volumeSurge: try visitor.visit(VolumeSurgeKernel(period: period(p[0])))
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
