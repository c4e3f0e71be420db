import Testing
import TradingCore

@Suite struct CatalogueTests {
  @Test func eachFunctionHasItsSignature() {
    for signature in RuleFunction.catalogue { #expect(signature.function.signature.name == signature.name) }
    #expect(
      RuleFunction.catalogue.prefix(IndicatorKind.allCases.count).map(\.function)
        == IndicatorKind.allCases.map { .indicator($0) })
  }

  @Test func eachNameBelongsToOneFunction() {
    let names = RuleFunction.catalogue.flatMap { [$0.name] + [$0.alias].compactMap(\.self) }
    #expect(Set(names).count == names.count)
  }

  /// The kernel takes what the catalogue says: inputs, outputs, the constants that are left out, and the smallest ones.
  @Test func indicatorsAreAsTheirKernels() throws {
    for signature in RuleFunction.catalogue {
      guard case .indicator(let kind) = signature.function else { continue }
      var kernel = KernelShape(constants: signature.constants.map { $0.standard!.double })
      try kind.visit(&kernel)
      let taken = kind == .vwap ? 2 : signature.inputs.count + signature.implicit.count
      #expect(kernel.inputs == taken, "\(signature.name)")
      #expect(kernel.outputs == max(1, signature.outputs.count), "\(signature.name)")
      for extreme in [\RuleSignature.Constant.smallest, \.greatest] {
        var kernel = KernelShape(constants: signature.constants.map { $0[keyPath: extreme] })
        try kind.visit(&kernel)
      }
    }
  }
}

private struct KernelShape: KernelVisitor {
  let constants: [Double]
  var inputs = 0
  var outputs = 0

  init(constants: [Double]) { self.constants = constants }

  mutating func visit<K: Kernel>(_ kernel: K.Type) throws(IndicatorError) {
    let three = constants + [0, 0, 0]
    _ = try K(IndicatorParameters(three[0], three[1], three[2]))
    inputs = K.Input.columnCount
    outputs = K.Output.columnCount
  }
}

extension RuleSignature.Constant {
  fileprivate var smallest: Double { least.map { Double($0) } ?? 1e-15 }
  fileprivate var greatest: Double { Double(largest) }
}
