// swift-tools-version: 6.1
import PackageDescription

// Dependencies point one way: bourse, bourse-bench → Runner → Feeds → EngineStore → LibPQ → CLibPQ.
// TradingCore depends on CJSONC alone, because the PostgreSQL extension links the same sources in Embedded mode; Charts
// on nothing, Dashboards on that and EngineStore, Secrets on swift-crypto, Alerts on that and libcurl, Telemetry on
// swift-metrics and swift-nio.

let package = Package(
  name: "bourse",
  products: [
    .executable(name: "bourse", targets: ["bourse"]),
    .library(name: "TradingCore", targets: ["TradingCore"]),
    .library(name: "LibPQ", targets: ["LibPQ"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZLib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "TradingCore", dependencies: ["CJSONC"], linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Charts"),
    .target(name: "Secrets", dependencies: [.product(name: "Crypto", package: "swift-crypto")]),
    .target(
      name: "Telemetry",
      dependencies: [
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    .target(name: "Alerts", dependencies: ["CCurl", "Secrets", .product(name: "Crypto", package: "swift-crypto")]),
    .target(name: "LibPQ", dependencies: ["CLibPQ"]),
    .target(
      name: "EngineStore",
      dependencies: ["LibPQ", "TradingCore", .product(name: "Tracing", package: "swift-distributed-tracing")]),
    .target(name: "Dashboards", dependencies: ["Charts", "EngineStore"]),
    .target(name: "Migrator", dependencies: ["LibPQ"]),
    .target(
      name: "Cluster",
      dependencies: [
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .target(
      name: "Feeds",
      dependencies: [
        "EngineStore", "LibPQ", "TradingCore", "CZLib",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .target(
      name: "Runner",
      dependencies: [
        "Alerts", "EngineStore", "Feeds", "LibPQ", "Secrets", "Telemetry", "TradingCore",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Tracing", package: "swift-distributed-tracing"),
      ]),
    .executableTarget(
      name: "bourse",
      dependencies: [
        "Runner", "Feeds", "EngineStore", "TradingCore", "Migrator", "Cluster", "LibPQ", "Charts", "Dashboards",
        "Secrets", "Alerts", "Telemetry",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Measurements, for this checkout and no product.
    .executableTarget(
      name: "bourse-bench",
      dependencies: [
        "Runner", "Feeds", "EngineStore", "TradingCore", "Migrator", "LibPQ", "Telemetry",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Shared by the tests, and by them alone.
    .target(name: "TestSupport", dependencies: ["LibPQ", "Migrator", "CZLib"], path: "Tests/TestSupport"),
    .testTarget(name: "TradingCoreTests", dependencies: ["TradingCore", "TestSupport"]),
    .testTarget(
      name: "IndicatorTests", dependencies: ["TradingCore", "TestSupport"],
      exclude: ["Support/talib_reference.py"]),
    .testTarget(name: "ChartsTests", dependencies: ["Charts"]),
    .testTarget(name: "DashboardsTests", dependencies: ["Charts", "Dashboards", "EngineStore"]),
    .testTarget(name: "AlertsTests", dependencies: ["Alerts", "Secrets"]),
    .testTarget(name: "SecretsTests", dependencies: ["Secrets", "TestSupport"]),
    .testTarget(
      name: "TelemetryTests",
      dependencies: ["Telemetry", "TestSupport", .product(name: "CoreMetrics", package: "swift-metrics")]),
    .testTarget(name: "LibPQTests", dependencies: ["LibPQ", "TestSupport"]),
    .testTarget(name: "EngineStoreTests", dependencies: ["EngineStore", "LibPQ", "TradingCore", "TestSupport"]),
    .testTarget(name: "MigratorTests", dependencies: ["Migrator", "LibPQ", "TestSupport"]),
    .testTarget(
      name: "ClusterTests",
      dependencies: [
        "Cluster", "EngineStore", "Secrets", "TradingCore", "bourse", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "FeedsTests",
      dependencies: [
        "Feeds", "EngineStore", "LibPQ", "TradingCore", "TestSupport", "CZLib",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOWebSocket", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    .testTarget(
      name: "RunnerTests",
      dependencies: [
        "Runner", "EngineStore", "Feeds", "LibPQ", "Telemetry", "TradingCore", "TestSupport",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
        .product(name: "Logging", package: "swift-log"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
