// The batch form of every indicator behind one C function, for the benchmark. Compiled into one module with TradingCore.

@_cdecl("batch")
public func batch(
  _ kind: Int32, _ parameters: UnsafePointer<Double>, _ inputs: UnsafePointer<UnsafePointer<Double>>,
  _ outputs: UnsafePointer<UnsafeMutablePointer<Double>>, _ count: Int
) -> Int32 {
  var run = Run(
    parameters: IndicatorParameters(parameters[0], parameters[1], parameters[2]), inputs: inputs, outputs: outputs,
    count: count)
  do {
    try IndicatorKind(rawValue: kind)!.visit(&run)
    return 0
  } catch {
    return 1
  }
}

private struct Run: KernelVisitor {
  let parameters: IndicatorParameters
  let inputs: UnsafePointer<UnsafePointer<Double>>
  let outputs: UnsafePointer<UnsafeMutablePointer<Double>>
  let count: Int

  mutating func visit<K: Kernel>(_ type: K.Type) throws(IndicatorError) {
    var indicator = Indicator(try K(parameters))
    indicator.update(
      Columns(count, inputs[0], inputs[1], inputs[2], inputs[3]),
      into: OutputColumns(count, outputs[0], outputs[1], outputs[2]))
  }
}
